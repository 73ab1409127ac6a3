/** Whether suggestions are wanted in a document, or why not. */
export type Enablement =
  | { readonly kind: 'on' }
  /**
   * `paused`: everywhere; `language`: by `ghostline.enable`; `document`: not a file being written; `excluded`: its text
   * may not leave the editor.
   */
  | { readonly kind: 'off'; readonly why: 'paused' | 'language' | 'document' | 'excluded' };

/**
 * Where people write code. Left out on purpose: output, logs, diffs and history (`git`), commit and chat inputs, and the
 * editor's own settings, which hold secrets.
 */
const SCHEMES = new Set(['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs']);

/**
 * `workspaceSchemes`: those of the open folders, so that files of any virtual file system the user works in count too.
 * A language that `enable` lists decides for itself, others follow `*`.
 */
export function enablementOf(question: {
  readonly paused: boolean;
  readonly enable: Readonly<Record<string, boolean>>;
  readonly language: string;
  readonly scheme: string;
  readonly workspaceSchemes: readonly string[];
  readonly isExcluded: boolean;
}): Enablement {
  const { paused, enable, language, scheme, workspaceSchemes, isExcluded } = question;
  if (!SCHEMES.has(scheme) && !workspaceSchemes.includes(scheme)) return { kind: 'off', why: 'document' };
  if (paused) return { kind: 'off', why: 'paused' };
  if (isExcluded) return { kind: 'off', why: 'excluded' };
  const listed = Object.hasOwn(enable, language) ? enable[language] : enable['*'];
  return listed === false ? { kind: 'off', why: 'language' } : { kind: 'on' };
}
