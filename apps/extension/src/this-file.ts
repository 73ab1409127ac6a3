import * as vscode from 'vscode';
import { globOf } from './exclude-globs.ts';
import { type ExcludeScope, settings } from './settings.ts';

/** The file at hand, to be kept out or let in by a pattern of its own. */
export interface ThisFile {
  /** Undefined where there is no file whose path says something, such as a document that was never saved. */
  current(): { readonly name: string; readonly isListed: boolean } | undefined;
  /** Keeps it out, or lets it in again, and says where that is written. */
  set(on: boolean): Promise<void>;
}

interface Entry {
  readonly name: string;
  readonly glob: string;
  readonly scope: ExcludeScope;
}

export function createThisFile(pathOf: (document: vscode.TextDocument) => string): ThisFile {
  const { t } = vscode.l10n;

  function entry(): Entry | undefined {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || document.isUntitled || document.uri.scheme === 'vscode-scm') return undefined;
    const path = pathOf(document);
    return { name: path.slice(path.lastIndexOf('/') + 1), ...placeOf(document, path) };
  }

  return {
    current() {
      const found = entry();
      return found && { name: found.name, isListed: settings.excludedIn(found.scope).includes(found.glob) };
    },
    async set(on) {
      const found = entry();
      if (!found) return;
      await write(found, on);
      const undo = t('Undo');
      const chosen = await vscode.window.showInformationMessage(told(found, on), undo);
      if (chosen === undo) await write(found, !on);
    },
  };

  function told({ name, glob, scope }: Entry, on: boolean): string {
    if (on) return t('Ghostline is on again in {0}.', name);
    const where = {
      user: t('your settings'),
      workspace: t('the workspace settings'),
      folder: t('the folder settings'),
    };
    return t(
      'Ghostline is off in {0}: its text stays in the editor. "{1}" was added to ghostline.exclude in {2}.',
      name,
      glob,
      where[scope.kind],
    );
  }
}

/** The settings of the workspace, or of the folder where there are several; they do not count where nobody trusts them. */
function placeOf(document: vscode.TextDocument, path: string): Pick<Entry, 'glob' | 'scope'> {
  const { workspaceFolders = [], isTrusted } = vscode.workspace;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  if (!folder || !isTrusted) return { glob: globOf(path), scope: { kind: 'user' } };
  if (workspaceFolders.length === 1) return { glob: globOf(path), scope: { kind: 'workspace' } };
  const inFolder = vscode.workspace.asRelativePath(document.uri, false);
  return { glob: globOf(inFolder), scope: { kind: 'folder', folder: folder.uri } };
}

async function write({ glob, scope }: Entry, on: boolean): Promise<void> {
  const others = settings.excludedIn(scope).filter((other) => other !== glob);
  await settings.setExcludedIn(scope, on ? others : [...others, glob]);
}
