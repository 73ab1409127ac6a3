import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, closeEditors, commit, draw, openFile, type, useGhostline } from '../editor.ts';

describe('a suggestion', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
  });
  afterEach(closeEditors);
  after(() => server.stop());

  it('appears after a key and is inserted exactly as the server sent it', async () => {
    server.follow({ complete: knows('total += price * amount;') });
    const editor = await openFile('let total = 0;\n█\n');
    await type('t');
    const [first] = await asked(server);
    assert.equal(first?.request.prefix, 'let total = 0;\nt');
    assert.equal(first?.request.suffix, '\n');
    assert.equal(first?.request.language, 'typescript');
    assert.equal(first?.request.client?.name, 'vscode');
    assert.equal(await commit(editor), 'let total = 0;\ntotal += price * amount;█\n');
    assert.equal(ghostline.state().kind, 'ready');
  });

  it('stays while the user types along, without another request', async () => {
    server.follow({ complete: knows('total += price * amount;') });
    const editor = await openFile('let total = 0;\n█\n');
    await type('t');
    await asked(server);
    await eventually('the answer has arrived', () => server.asked[0]?.state === 'answered');
    await type('otal +');
    assert.equal(await commit(editor), 'let total = 0;\ntotal += price * amount;█\n');
    const typed = server.asked.filter(({ request }) => request.trigger === 'automatic');
    assert.deepEqual(
      typed.map(({ request }) => request.prefix),
      ['let total = 0;\nt'],
    );
  });

  it('ends its request when the user types something else', async () => {
    server.follow({ complete: () => ({ kind: 'stalled', chunks: ['otal += '] }) });
    await openFile('let total = 0;\n█\n');
    await type('t');
    await asked(server);
    assert.equal(server.asked[0]?.state, 'answering');
    await type(';');
    // Soon: a silent server is given up after 10 s anyway.
    await eventually('the connection was closed', () => server.asked[0]?.state === 'aborted', 3000);
  });

  it('brings the open files of the same language as context', async () => {
    server.follow({ complete: knows('price') });
    await openFile('export const price = 12;█\n');
    await openFile('let amount = price;\n█\n');
    await type('p');
    const [first] = await asked(server);
    const brought = first?.request.snippets?.find(({ text }) => text === 'export const price = 12;\n');
    assert.equal(brought?.source, 'open_file');
  });

  it('is not asked for in a language that is switched off', async () => {
    server.follow({ complete: knows('dear diary') });
    const editor = await openFile('█\n', 'txt');
    await type('d');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    assert.equal(draw(editor), 'd█\n');
    assert.deepEqual(server.asked, []);
  });

  it('pauses and resumes with the toggle command', async () => {
    server.follow({ complete: knows('total') });
    const editor = await openFile('█\n');
    await vscode.commands.executeCommand('ghostline.toggle');
    await type('t');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    assert.deepEqual(server.asked, []);
    await vscode.commands.executeCommand('ghostline.toggle');
    await type('o');
    assert.equal(await commit(editor), 'total█\n');
  });
});
