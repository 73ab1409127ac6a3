import type { Extract } from '@ghostline/client';
import * as vscode from 'vscode';
import { type FolderFiles, type IgnoreTree, type IgnoredBy, type Place, createIgnoreTree } from './ignore-tree.ts';
import { libraryPath } from './library-path.ts';

/** The ignore files of the workspace, and of wherever else documents are opened from. */
export interface WorkspaceIgnores extends vscode.Disposable {
  /** By which ignore file a document stays in the editor; from memory, at once. */
  ignoredBy(uri: vscode.Uri): IgnoredBy | undefined;
  /**
   * The same for the client. A signature of an installed library is no secret because git ignores the folder it is
   * installed in; a `.ghostlineignore` counts for it as for anything else.
   */
  isIgnored(uri: string, extract: Extract): boolean;
  /** Something is ignored by other files than before: what was remembered with it is void. */
  readonly onDidChange: vscode.Event<void>;
}

/** Names of files, and `.git`, which tells where a repository begins. */
const GIT_IGNORE = '.gitignore';
const GHOSTLINE_IGNORE = '.ghostlineignore';

/** File systems of a disk, with folders above the workspace. */
const DISKS = new Set(['file', 'vscode-remote']);
const MAX_PLACES = 1000;

export function watchWorkspaceIgnores(fs: vscode.FileSystem = vscode.workspace.fs): WorkspaceIgnores {
  const changed = new vscode.EventEmitter<void>();
  /** One for each file system. */
  const trees = new Map<string, IgnoreTree>();

  function treeOf(uri: vscode.Uri): IgnoreTree {
    const key = `${uri.scheme}://${uri.authority}`;
    const tree =
      trees.get(key) ??
      createIgnoreTree({
        read: (folder) => readFolder(fs, uri.with({ path: folder || '/', query: '', fragment: '' })),
        now: Date.now,
        onChange: () => changed.fire(),
      });
    trees.set(key, tree);
    return tree;
  }

  /** Asked about for every open document at every keystroke: where a place is does not change between them. */
  const places = new Map<string, { readonly tree: IgnoreTree; readonly place: Place } | undefined>();
  function placeIn(uri: string): { readonly tree: IgnoreTree; readonly place: Place } | undefined {
    if (places.has(uri)) return places.get(uri);
    const file = fileOf(vscode.Uri.parse(uri));
    const found = file && { tree: treeOf(file), place: placeOf(file) };
    if (places.size >= MAX_PLACES) places.clear();
    places.set(uri, found);
    return found;
  }

  function ignoredBy(uri: string): IgnoredBy | undefined {
    const found = placeIn(uri);
    return found?.tree.ignoredBy(found.place);
  }

  function read(document: vscode.TextDocument): void {
    const found = placeIn(document.uri.toString());
    void found?.tree.prepare(found.place);
  }

  function ignoreFileChanged(uri: vscode.Uri): void {
    treeOf(uri).changed(uri.path.slice(0, uri.path.lastIndexOf('/')));
  }

  const watchers = [GIT_IGNORE, GHOSTLINE_IGNORE].flatMap((name) => {
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${name}`);
    return [
      watcher,
      watcher.onDidCreate(ignoreFileChanged),
      watcher.onDidChange(ignoreFileChanged),
      watcher.onDidDelete(ignoreFileChanged),
    ];
  });
  // Known before the first key is typed in them.
  vscode.workspace.textDocuments.forEach(read);
  const subscriptions = vscode.Disposable.from(
    ...watchers,
    changed,
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      places.clear();
      changed.fire();
    }),
    // A cell may be known before its notebook is.
    vscode.workspace.onDidOpenNotebookDocument(() => places.clear()),
    vscode.workspace.onDidOpenTextDocument(read),
    // A save of the user's own is known sooner than the watcher tells, also where there is none.
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.path.endsWith(`/${GIT_IGNORE}`) || uri.path.endsWith(`/${GHOSTLINE_IGNORE}`)) ignoreFileChanged(uri);
    }),
  );

  return {
    ignoredBy: (uri) => ignoredBy(uri.toString()),
    isIgnored(uri, extract) {
      const by = ignoredBy(uri);
      if (by !== 'git' || extract === 'text') return by !== undefined;
      return libraryPath(vscode.Uri.parse(uri).path) === undefined;
    },
    onDidChange: changed.event,
    dispose: () => void subscriptions.dispose(),
  };
}

/** The file that a document is of, or a cell's notebook; undefined for what lies in no folder. */
function fileOf(uri: vscode.Uri): vscode.Uri | undefined {
  if (uri.scheme === 'vscode-notebook-cell') {
    return vscode.workspace.notebookDocuments.find((notebook) => notebook.uri.path === uri.path)?.uri ?? uri;
  }
  const isOfWorkspace = vscode.workspace.workspaceFolders?.some((folder) => folder.uri.scheme === uri.scheme);
  return DISKS.has(uri.scheme) || isOfWorkspace ? uri : undefined;
}

function placeOf(file: vscode.Uri): Place {
  return {
    path: file.path,
    workspace: vscode.workspace.getWorkspaceFolder(file)?.uri.path,
    looksAbove: DISKS.has(file.scheme),
  };
}

async function readFolder(fs: vscode.FileSystem, folder: vscode.Uri): Promise<FolderFiles> {
  const at = (...names: readonly string[]) => vscode.Uri.joinPath(folder, ...names);
  const [ghostline, git, isRepository, excludeOfRepository] = await Promise.all([
    textOf(fs, at(GHOSTLINE_IGNORE)),
    // Git's own files say what is not shared, not what is secret: unreadable is as good as absent.
    textOf(fs, at(GIT_IGNORE)).catch(() => undefined),
    exists(fs, at('.git')),
    textOf(fs, at('.git', 'info', 'exclude')).catch(() => undefined),
  ]);
  return { ghostline, git, isRepository, excludeOfRepository };
}

/** Undefined when there is no such file; rejects when that cannot be told. */
async function textOf(fs: vscode.FileSystem, file: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await fs.readFile(file));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && IS_ABSENT.has(error.code)) return undefined;
    throw error;
  }
}

/** A folder of that name is no ignore file either. */
const IS_ABSENT = new Set(['FileNotFound', 'FileNotADirectory', 'FileIsADirectory']);

async function exists(fs: vscode.FileSystem, file: vscode.Uri): Promise<boolean> {
  try {
    await fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
