import * as vscode from 'vscode';
import { namesServer } from './restricted-server.ts';

/** Whether the workspace names a server that does not count, as nobody trusts the workspace. */
export async function isServerRestricted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return false;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const { workspaceFile } = vscode.workspace;
  const files = [
    ...folders.map(({ uri }) => vscode.Uri.joinPath(uri, '.vscode', 'settings.json')),
    ...(workspaceFile && workspaceFile.scheme !== 'untitled' ? [workspaceFile] : []),
  ];
  const named = await Promise.all(files.map(async (file) => namesServer(await textOf(file))));
  return named.includes(true);
}

async function textOf(file: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return '';
  }
}
