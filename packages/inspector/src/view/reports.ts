import { element } from './element.ts';
import type { Language } from './language.ts';

export interface ReportsOptions {
  /** The report as JSON. */
  readonly report: () => string;
  readonly fileName: () => string;
  readonly copy: (json: string) => void | Promise<void>;
  readonly save: (fileName: string, json: string) => void | Promise<void>;
}

/** How long a word about what was done stays. */
const SAID_FOR_MS = 4_000;

/** The buttons that let the keystrokes out of the editor, without the code. */
export function createReports({ t }: Language, { report, fileName, copy, save }: ReportsOptions) {
  const note = t('Without code and file names.');
  const status = element('span', { class: 'gl-status', role: 'status' });
  const hint = element('span', { class: 'gl-hint' }, t('Without code.'));
  const copyButton = element('button', { type: 'button', class: 'gl-button', title: note }, t('Copy report'));
  const saveButton = element('button', { type: 'button', class: 'gl-button', title: note }, t('Save report…'));
  const node = element('div', { class: 'gl-reports' }, copyButton, saveButton, hint, status);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(text: string): void {
    clearTimeout(timer);
    status.textContent = text;
    hint.hidden = true;
    timer = setTimeout(() => {
      status.textContent = '';
      hint.hidden = false;
    }, SAID_FOR_MS);
  }

  copyButton.addEventListener('click', async () => {
    try {
      await copy(report());
      say(t('Copied.'));
    } catch {
      say(t('Copying is not allowed here: save the report instead.'));
    }
  });
  saveButton.addEventListener('click', async () => {
    try {
      await save(fileName(), report());
    } catch {
      say(t('The report could not be saved: copy it instead.'));
    }
  });
  return {
    node,
    show(isEmpty: boolean): void {
      node.hidden = isEmpty;
    },
    dispose: () => clearTimeout(timer),
  };
}

/** Offers `json` as a download of this page. */
export function download(fileName: string, json: string): void {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  const link = element('a', { href: url, download: fileName });
  link.click();
  // The browser has taken hold of it by the time the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
