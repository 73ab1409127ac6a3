/** `vscode.l10n.t`: the message in the reader's language, with `{0}`, `{1}`… replaced. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** The messages as they are written. */
export const inEnglish: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (placeholder, index: string) => String(args[Number(index)] ?? placeholder));

/** For a page that is handed `vscode.l10n.bundle`: what the bundle does not hold stays in English. */
export function translateWith(bundle: Readonly<Record<string, string>> | undefined): Translate {
  if (!bundle) return inEnglish;
  return (message, ...args) => inEnglish(Object.hasOwn(bundle, message) ? bundle[message]! : message, ...args);
}
