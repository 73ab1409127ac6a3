import type { CompletionClient } from '@ghostline/client';
import * as vscode from 'vscode';
import { changesOf } from './document-snapshot.ts';
import type { LastChanges } from './last-change.ts';
import type { VisibleView } from './visible-view.ts';

/** Tells the client what happens in the editor, and concludes from it when a suggestion has been left behind. */
export function followEditor(
  client: Pick<CompletionClient, 'changed' | 'dismissed'>,
  view: VisibleView,
  lastChanges: Pick<LastChanges<vscode.TextDocument>, 'changed'>,
  isOn: (document: vscode.TextDocument) => boolean,
): vscode.Disposable {
  const leave = (viewId: string | undefined) => {
    if (viewId !== undefined) client.dismissed(viewId, 'ignored', 'inferred');
  };
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument((event) => {
      // Saving and changes of the dirty state arrive here too, without changes.
      if (event.contentChanges.length === 0) return;
      lastChanges.changed(event.document, howChanged(event.reason));
      if (!isOn(event.document)) return;
      view.edited(event.document.uri.toString());
      changesOf(event).forEach((change) => client.changed(change));
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const [selection] = selections;
      const cursor = selections.length === 1 && selection?.isEmpty ? selection.active : undefined;
      leave(view.cursorMoved(textEditor.document.uri.toString(), cursor));
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => leave(view.editorChanged(editor?.document.uri.toString()))),
  );
}

function howChanged(reason: vscode.TextDocumentChangeReason | undefined): 'undo' | 'redo' | undefined {
  switch (reason) {
    case vscode.TextDocumentChangeReason.Undo:
      return 'undo';
    case vscode.TextDocumentChangeReason.Redo:
      return 'redo';
    case undefined:
      return undefined;
  }
}
