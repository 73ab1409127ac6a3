import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import {
  type Ghostline,
  asked,
  closeEditors,
  commit,
  openUntitled,
  setting,
  type,
  useGhostline,
  writeInWorkspace,
} from '../editor.ts';

describe('documents that are no files of a folder', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
  });
  beforeEach(() => server.follow({ complete: knows('total += price;') }));
  afterEach(closeEditors);
  after(() => server.stop());

  const isOff = (why: 'language-off' | 'document-off') =>
    eventually('it is off here', () => ghostline.keystrokes()[0]?.reason === why);

  it('are cells of a notebook, with its path, their own language and the cells around them', async () => {
    const cells = [
      ['python', 'total = 0\nprice = 12\ntotal = total + price\n'],
      ['markdown', 'total = total + price, in prose'],
      ['python', 'total = total + price\n'],
    ];
    const uri = await writeInWorkspace('report.cells', JSON.stringify(cells));
    const notebook = await vscode.workspace.openNotebookDocument(uri);
    await vscode.window.showNotebookDocument(notebook, { selections: [new vscode.NotebookRange(2, 3)] });
    await vscode.commands.executeCommand('notebook.cell.edit');
    await eventually(
      'the cell has the cursor',
      () => vscode.window.activeTextEditor?.document.uri.scheme === 'vscode-notebook-cell',
    );
    await vscode.commands.executeCommand('cursorBottom');
    await type('t');
    const [first] = await asked(server);
    assert.equal(first?.request.language, 'python');
    assert.equal(first?.request.path, 'report.cells');
    assert.equal(first?.request.prefix, 'total = total + price\nt');
    assert.ok(
      first.request.snippets?.some(({ text }) => text.includes('price = 12')),
      JSON.stringify(first.request),
    );
    assert.ok(!first.request.snippets?.some(({ text }) => text.includes('prose')));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are new ones that were never saved', async () => {
    const editor = await openUntitled('█\n', 'python');
    await type('t');
    await asked(server);
    assert.equal(await commit(editor), 'total += price;█\n');
  });

  it('are those of a file system nobody works in, and stay there', async () => {
    const files = memoryFiles('let total = 0;\n');
    const registration = vscode.workspace.registerFileSystemProvider('elsewhere', files);
    try {
      await vscode.window.showTextDocument(vscode.Uri.parse('elsewhere:/a.ts'));
      await type('t');
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await isOff('document-off');
      assert.deepEqual(server.asked, []);
    } finally {
      await closeEditors();
      registration.dispose();
    }
  });

  it('are boxes for commit messages, where it is off until somebody switches it on', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const control = vscode.scm.createSourceControl('test', 'Test', folder?.uri);
    try {
      await vscode.commands.executeCommand('workbench.view.scm');
      const typeIntoBox = () =>
        eventually(
          'the box is asked about',
          async () => {
            await vscode.commands.executeCommand('workbench.scm.action.focusNextInput');
            await type('t');
            return ghostline.keystrokes()[0]?.language === 'scminput';
            // The view is drawn by another process, which has more to do on a busy machine.
          },
          30_000,
        );
      await typeIntoBox();
      await isOff('language-off');
      assert.deepEqual(server.asked, []);
    } finally {
      control.dispose();
      await vscode.commands.executeCommand('workbench.view.explorer');
    }
  });

  it('are read-only or of one side of a comparison, without any trouble', async () => {
    const left = await writeInWorkspace('left.ts', 'let total = 0;\n');
    const right = await writeInWorkspace('right.ts', 'let total = 1;\n');
    await vscode.commands.executeCommand('vscode.diff', left, right);
    await eventually('the comparison has the cursor', () => vscode.window.activeTextEditor);
    await vscode.commands.executeCommand('cursorBottom');
    await type('t');
    await asked(server);
    assert.equal(server.asked[0]?.request.path, 'right.ts');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.files.setActiveEditorReadonlyInSession');
    server.follow({ complete: knows('total += price;') });
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    assert.notEqual(ghostline.state().kind, 'offline');
  });

  it('have no suggestion from a language that is switched off in their settings', async () => {
    await setting('ghostline.enable', { '*': true, python: false });
    try {
      await openUntitled('█\n', 'python');
      await type('t');
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await isOff('language-off');
      assert.deepEqual(server.asked, []);
    } finally {
      await setting('ghostline.enable', undefined);
    }
  });
});

/** A file system whose every file has this text. */
function memoryFiles(text: string): vscode.FileSystemProvider {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  return {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: text.length }),
    readDirectory: () => [],
    readFile: () => new TextEncoder().encode(text),
    writeFile: () => undefined,
    createDirectory: () => undefined,
    delete: () => undefined,
    rename: () => undefined,
  };
}
