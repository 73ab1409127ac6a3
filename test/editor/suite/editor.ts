/** The hands of a test inside the extension host. Texts are drawn with the cursor as █. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClientState, Keystroke } from '@ghostline/client';
import * as vscode from 'vscode';
import { eventually } from '../../harness/eventually.ts';
import type { AskedCompletion, ScriptedServer } from '../../harness/scripted-server.ts';

/** What `activate` of the extension returns. */
export interface Ghostline {
  state(): ClientState;
  flushOutbox(): Promise<void>;
  keystrokes(): readonly Keystroke[];
  inspected(): number | undefined;
}

/** The extension, activated and pointed at `server`; asks at once, as tests do not type at a person's pace. */
export async function useGhostline(server: ScriptedServer): Promise<Ghostline> {
  const extension = vscode.extensions.getExtension<Ghostline>('ghostline.ghostline');
  if (!extension) throw new Error('The extension ghostline.ghostline is not there');
  const ghostline = await extension.activate();
  await setting('ghostline.serverUrl', server.url);
  await setting('ghostline.delay', 0);
  return ghostline;
}

/** A user setting; undefined takes it back to its default. */
export async function setting(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
}

/** A new file in the workspace, on disk as drawn, open with the cursor where it is drawn. */
export async function openFile(drawn: string, extension = 'ts'): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('A folder must be open');
  const file = path.join(folder.uri.fsPath, `file-${randomUUID()}.${extension}`);
  await writeFile(file, drawn.replace('█', ''));
  return show(await vscode.workspace.openTextDocument(file), drawn.indexOf('█'));
}

export async function openUntitled(drawn: string, language: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language, content: drawn.replace('█', '') });
  return show(document, drawn.indexOf('█'));
}

async function show(document: vscode.TextDocument, cursor: number): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const position = document.positionAt(cursor);
  editor.selection = new vscode.Selection(position, position);
  return editor;
}

/** The document with its cursor. */
export function draw(editor: vscode.TextEditor): string {
  const text = editor.document.getText();
  const cursor = editor.document.offsetAt(editor.selection.active);
  return `${text.slice(0, cursor)}█${text.slice(cursor)}`;
}

/** A file of the workspace with this text, on disk. */
export async function writeInWorkspace(name: string, text: string): Promise<vscode.Uri> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('A folder must be open');
  const uri = vscode.Uri.joinPath(folder.uri, name);
  await writeFile(uri.fsPath, text);
  return uri;
}

/** Key by key. */
export async function type(text: string): Promise<void> {
  for (const key of text) await vscode.commands.executeCommand('type', { text: key });
}

/** Without a question about changes. */
export async function closeEditors(): Promise<void> {
  while (vscode.window.activeTextEditor) {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
}

/** The editor creates its inline suggestions lazily: a key before that asks nobody, so waiting asks by hand, too. */
const ASK_AGAIN_MS = 500;

/** The requests since the script began, when there are as many as expected. */
export async function asked(server: ScriptedServer, count = 1): Promise<readonly AskedCompletion[]> {
  let askAgainAt = Date.now() + ASK_AGAIN_MS;
  return eventually(`the server was asked ${count} times (it was ${server.asked.length} times)`, async () => {
    if (server.asked.length >= count) return server.asked;
    if (Date.now() > askAgainAt) {
      askAgainAt = Date.now() + ASK_AGAIN_MS;
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    }
    return undefined;
  });
}

/** Takes the suggestion as soon as it is on screen; returns the document as it is then. Before that, Tab does nothing. */
export async function commit(editor: vscode.TextEditor): Promise<string> {
  const before = editor.document.version;
  return eventually('a suggestion could be committed', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return editor.document.version > before ? draw(editor) : undefined;
  });
}
