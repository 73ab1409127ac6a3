/** Runs in the page of the inspector, which knows nothing but what it is sent. */
import { translateWith } from '@ghostline/inspector';
import { type Inspector, mountInspector } from '@ghostline/inspector/view';
import type { FromPage, ToPage } from './messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const editor = acquireVsCodeApi();
const say = (message: FromPage) => editor.postMessage(message);
let inspector: Inspector | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === 'keystrokes') {
    inspector?.show(data.keystrokes);
    return;
  }
  inspector?.dispose();
  inspector = mountInspector(document.querySelector<HTMLElement>('#inspector')!, {
    t: translateWith(data.bundle),
    locale: data.locale,
    client: { name: 'vscode', version: data.version },
    openSetting: (setting) => say({ kind: 'open-setting', setting }),
    copy: (report) => say({ kind: 'copy', report }),
    save: (fileName, report) => say({ kind: 'save', fileName, report }),
  });
});
say({ kind: 'ready' });
