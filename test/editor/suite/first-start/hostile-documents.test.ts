import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import {
  type AskedCompletion,
  type ScriptedServer,
  knows,
  startScriptedServer,
} from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, closeEditors, commit, openFile, type, useGhostline } from '../editor.ts';

const LINE = '  cells.set(nameOf(sheet, fields)); // 40';
const LINES = 100_000;

/**
 * The workbench of VS Code 1.139 itself stands still for seconds when the first ghost text comes into such a document, whoever
 * gives it: asked as often as elsewhere, it would do nothing else.
 */
const LOOK_EVERY_MS = 500;
const LARGE_TIMEOUT_MS = 60_000;

/** The first request; by hand, as VS Code creates its inline suggestions lazily. */
async function askedInLarge(server: ScriptedServer): Promise<AskedCompletion> {
  return slowly('the server was asked', async () => {
    if (!server.asked[0]) await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    return server.asked[0];
  });
}

async function commitInLarge(editor: vscode.TextEditor): Promise<void> {
  const before = editor.document.version;
  await slowly('a suggestion could be committed', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return editor.document.version > before || undefined;
  });
}

async function slowly<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + LARGE_TIMEOUT_MS; Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const value = await look();
    if (value !== undefined) return value;
  }
  throw new Error(`Waited ${LARGE_TIMEOUT_MS} ms in vain until ${what}`);
}

describe('in documents that no editor was made for', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
  });
  afterEach(closeEditors);
  after(() => server.stop());

  it('of 100,000 lines with CRLF suggests and inserts in the middle as anywhere else', async function () {
    this.timeout(2 * LARGE_TIMEOUT_MS);
    server.follow({ complete: knows('total += price; // 😀') });
    const half = `${LINE}\r\n`.repeat(LINES / 2);
    const editor = await openFile(`${half}█\r\n${half}`);
    await type('to');
    const { request } = await askedInLarge(server);
    assert.doesNotMatch(`${request.prefix}${request.suffix}`, /\r/);
    assert.match(request.prefix, /fields\)\); \/\/ 40\nto?$/);
    assert.ok(request.suffix.startsWith(`\n${LINE}\n`));
    await commitInLarge(editor);
    assert.equal(editor.document.lineAt(LINES / 2).text, 'total += price; // 😀');
    assert.equal(editor.document.lineCount, LINES + 2);
    assert.equal(editor.document.getText(), `${half}total += price; // 😀\r\n${half}`);
    assert.equal(ghostline.state().kind, 'ready');
  });

  it('of one line of a megabyte does the same at its end', async function () {
    this.timeout(2 * LARGE_TIMEOUT_MS);
    server.follow({
      complete: ({ prefix }) => ({ kind: 'text', chunks: [prefix.endsWith('n') ? 'ext' : 'next', '(rows);'] }),
    });
    const line = 'paint(row); '.repeat(90_000);
    const editor = await openFile(`${line}█`);
    await type('n');
    await askedInLarge(server);
    await commitInLarge(editor);
    assert.equal(editor.document.getText(), `${line}next(rows);`);
  });

  it('from right to left inserts what it shows where it shows it', async () => {
    const line = 'const שלום = "עולם"; // مرحبا';
    server.follow({ complete: knows(line) });
    const before = '// \u202bשורה ראשונה\u202c\nlet א = "\u2067ב\u2069";\n';
    const editor = await openFile(`${before}█\n// סוף\n`);
    await type('const ש');
    const [first] = await asked(server);
    assert.ok(first?.request.prefix.startsWith(before));
    await commit(editor);
    assert.equal(editor.document.getText(), `${before}${line}\n// סוף\n`);
  });

  it('with tabs and combining marks counts characters as the editor does', async () => {
    const line = '\t\treturn "e\u0301\u0302";';
    server.follow({ complete: knows('return "e\u0301\u0302";') });
    const editor = await openFile('function f() {\n\t\t█\n}\n', 'js');
    await type('ret');
    await asked(server);
    await commit(editor);
    assert.equal(editor.document.lineAt(1).text, line);
    assert.equal(editor.document.lineAt(2).text, '}');
  });

  it('that are closed while the answer is on its way ends the request and says nothing', async () => {
    server.follow({ complete: () => ({ kind: 'stalled', chunks: ['otal'] }) });
    await openFile('█\n');
    await type('t');
    await asked(server);
    await closeEditors();
    await openFile('█\n');
    server.follow({ complete: knows('again();') });
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    await type('a');
    assert.equal(await commit(editor), 'again();█\n');
    assert.equal(ghostline.state().kind, 'ready');
  });

  it('one after the other, asks for each what it is about', async () => {
    server.follow({ complete: knows('first(); second();') });
    const one = await openFile('// one\n█\n');
    await type('fir');
    await asked(server);
    const two = await openFile('// two\n█\n');
    await type('fir');
    assert.equal(await commit(two), '// two\nfirst(); second();█\n');
    await vscode.window.showTextDocument(one.document, { preview: false });
    await type('s');
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    assert.equal(await commit(editor), '// one\nfirst(); second();█\n');
  });
});
