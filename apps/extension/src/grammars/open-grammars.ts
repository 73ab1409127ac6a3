import { type Syntax, createSyntax } from '@ghostline/client';
import * as vscode from 'vscode';
import { grammarFolder } from './grammar-folder.ts';
import { createGrammarSource } from './grammar-source.ts';

/** The grammars of the documents at hand: loaded when one is looked at, and its tree forgotten when it is closed. */
export function openGrammars(extensionUri: vscode.Uri, warn: (line: string) => void): Syntax {
  const syntax = createSyntax(createGrammarSource(grammarFolder(extensionUri), warn));
  const prepare = (editor: vscode.TextEditor | undefined) => {
    if (editor) syntax.prepare(editor.document.languageId);
  };
  prepare(vscode.window.activeTextEditor);
  const following = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(prepare),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => syntax.forget(uri.toString())),
  );
  return {
    ...syntax,
    dispose() {
      following.dispose();
      syntax.dispose();
    },
  };
}
