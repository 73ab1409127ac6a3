import type { OpenDocument } from '@ghostline/client';
import * as vscode from 'vscode';
import { openDocumentOf } from './document-snapshot.ts';
import { createRecency } from './recency.ts';

/**
 * As many as GitHub Copilot compares for similar code. Every one is a copy of a whole text for each request, and what was
 * looked at before the last twenty says little about the next line.
 */
const LIMIT = 20;

/** Follows which documents the user looks at. */
export interface OpenDocuments extends vscode.Disposable {
  /** Those still open, except the one at hand, most recently viewed first. */
  besides(document: vscode.TextDocument): OpenDocument[];
}

/** `mayLeave`: whether a document's text may be sent at all; asked each time, as settings change. */
export function trackOpenDocuments(mayLeave: (document: vscode.TextDocument) => boolean): OpenDocuments {
  // One more than is given out: the document at hand is the most recent one.
  const viewed = createRecency(LIMIT + 1);
  const touch = (editor: vscode.TextEditor | undefined) => {
    if (editor) viewed.touch(editor.document.uri.toString());
  };
  vscode.window.visibleTextEditors.forEach(touch);
  touch(vscode.window.activeTextEditor);
  const subscription = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(touch),
    vscode.workspace.onDidCloseTextDocument((document) => viewed.forget(document.uri.toString())),
  );
  return {
    besides(document) {
      const open = new Map(vscode.workspace.textDocuments.map((candidate) => [candidate.uri.toString(), candidate]));
      open.delete(document.uri.toString());
      return viewed
        .keys()
        .flatMap((uri) => open.get(uri) ?? [])
        .filter(mayLeave)
        .map(openDocumentOf);
    },
    dispose: () => void subscription.dispose(),
  };
}
