import * as vscode from 'vscode';

/**
 * Reads the files of `dist/grammars`, wherever the extension is: on disk, in a remote, or on the server that a browser
 * loaded it from. As bytes, not as an address to fetch: a page's content policy lets a worker compile, not load.
 */
export function grammarFolder(extensionUri: vscode.Uri): (file: string) => Promise<Uint8Array> {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'grammars');
  return async (file) => new Uint8Array(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, file)));
}
