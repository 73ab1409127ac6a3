import * as vscode from 'vscode';
import type { Folder } from './disk-outbox-store.ts';

/** A folder of any file system VS Code knows: the disk on the desktop and in remotes, the browser's storage on the web. */
export function folderAt(uri: vscode.Uri, fs: vscode.FileSystem = vscode.workspace.fs): Folder {
  const fileAt = (name: string) => vscode.Uri.joinPath(uri, name);
  return {
    async names() {
      const entries = await unlessMissing(fs.readDirectory(uri));
      return (entries ?? []).filter(([, type]) => type === vscode.FileType.File).map(([name]) => name);
    },
    read: (name) => unlessMissing(fs.readFile(fileAt(name))),
    // Creates the folders above the file too.
    async write(name, content) {
      await fs.writeFile(fileAt(name), content);
    },
    async rename(from, to) {
      const renamed = await unlessMissing(fs.rename(fileAt(from), fileAt(to), { overwrite: true }).then(() => true));
      return renamed ?? false;
    },
    async remove(name) {
      await unlessMissing(fs.delete(fileAt(name)));
    },
  };
}

async function unlessMissing<T>(work: Thenable<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return undefined;
    throw error;
  }
}
