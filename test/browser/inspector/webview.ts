/** The inspector as a webview hosts it: keystrokes come in as messages, and whatever it asks for goes out as one. */
import type { Keystroke } from '@ghostline/client';
import { mountInspector } from '@ghostline/inspector/view';

declare global {
  interface Window {
    /** What the host was asked for. */
    asked: [what: string, ...details: string[]][];
    dispose: () => void;
  }
}
window.asked = [];

const inspector = mountInspector(document.body, {
  client: { name: 'test', version: '1.2.3' },
  locale: 'en-GB',
  openSetting: (setting) => window.asked.push(['setting', setting]),
  save: (fileName, json) => void window.asked.push(['save', fileName, json]),
});
addEventListener('message', ({ data }: MessageEvent<{ keystrokes: readonly Keystroke[] }>) =>
  inspector.show(data.keystrokes),
);
window.dispose = inspector.dispose;
