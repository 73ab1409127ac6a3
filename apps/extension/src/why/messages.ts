/** What the extension and the page of the inspector say to each other. */
import type { Keystroke } from '@ghostline/client';

export type ToPage =
  | {
      readonly kind: 'start';
      readonly locale: string;
      /** Of the reader's language, if there is one. */
      readonly bundle: Readonly<Record<string, string>> | undefined;
      readonly version: string;
    }
  /** All there are, newest first. */
  | { readonly kind: 'keystrokes'; readonly keystrokes: readonly Keystroke[] };

/** A report is without code; the page makes it. */
export type FromPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'copy'; readonly report: string }
  | { readonly kind: 'save'; readonly fileName: string; readonly report: string }
  | { readonly kind: 'open-setting'; readonly setting: string };
