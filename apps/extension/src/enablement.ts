import type { Pause } from './pause.ts';

/** Whether suggestions are wanted in a document, or why not. */
export type Enablement = { readonly kind: 'on' } | Off;

/**
 * `language`: by `ghostline.enable`; `document`: not a file being written; `excluded`: its text may not leave the editor,
 * by `ghostline.exclude` or as a file of secrets; `ignored`: neither, by an ignore file of the workspace.
 */
export type Off =
  | { readonly kind: 'off'; readonly why: 'paused'; readonly pause: Exclude<Pause, { kind: 'none' }> }
  | { readonly kind: 'off'; readonly why: 'language' | 'document' | 'excluded' | 'ignored' };

/**
 * Where people write. Left out on purpose: output, logs, diffs and history (`git`), chat inputs, and the editor's own
 * settings, which hold secrets. The box for commit messages is of a language that is off by default.
 */
const SCHEMES = new Set(['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs', 'vscode-scm']);

/**
 * `workspaceSchemes`: those of the open folders, so that files of any virtual file system the user works in count too.
 * A language that `enable` lists decides for itself, others follow `*`.
 */
export function enablementOf(question: {
  readonly pause: Pause;
  readonly enable: Readonly<Record<string, boolean>>;
  readonly language: string;
  readonly scheme: string;
  readonly workspaceSchemes: readonly string[];
  readonly isExcluded: boolean;
  readonly isIgnored: boolean;
}): Enablement {
  const { pause, enable, language, scheme, workspaceSchemes } = question;
  if (!SCHEMES.has(scheme) && !workspaceSchemes.includes(scheme)) return { kind: 'off', why: 'document' };
  if (pause.kind !== 'none') return { kind: 'off', why: 'paused', pause };
  if (question.isExcluded) return { kind: 'off', why: 'excluded' };
  if (question.isIgnored) return { kind: 'off', why: 'ignored' };
  const listed = Object.hasOwn(enable, language) ? enable[language] : enable['*'];
  return listed === false ? { kind: 'off', why: 'language' } : { kind: 'on' };
}
