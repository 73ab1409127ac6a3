import type { OpenDocument } from '@ghostline/client';
import * as vscode from 'vscode';
import { createDocumentTexts } from './context/document-texts.ts';
import { openDocumentOf, pathOf } from './document-snapshot.ts';
import { createRecency } from './recency.ts';

/**
 * As many as GitHub Copilot compares for similar code: what was looked at before the last twenty says little about the next
 * line.
 */
const LIMIT = 20;
/** What was closed a short while ago was used for what is written now; later it may have changed where nobody sees it. */
const CLOSED_MS = 10 * 60_000;
const MAX_CLOSED = 10;

/** Follows which documents the user looks at. */
export interface OpenDocuments extends vscode.Disposable {
  /** Those open, or closed a few minutes ago, except the one at hand; most recently viewed first. */
  besides(document: vscode.TextDocument): OpenDocument[];
  /** A document as plain data: the same object as long as it is the same text. */
  textOf(document: vscode.TextDocument): OpenDocument;
}

/** `mayLeave`: whether a document's text may be sent at all; asked each time, as settings change. */
export function trackOpenDocuments(mayLeave: (document: vscode.TextDocument) => boolean): OpenDocuments {
  // One more than is given out: the document at hand is the most recent one.
  const viewed = createRecency(LIMIT + 1);
  const closed = new Map<string, { readonly document: vscode.TextDocument; readonly at: number }>();
  const textOf = createDocumentTexts(openDocumentOf, pathOf);
  const touch = (editor: vscode.TextEditor | undefined) => {
    if (editor) viewed.touch(editor.document.uri.toString());
  };
  const close = (document: vscode.TextDocument) => {
    const key = document.uri.toString();
    closed.delete(key);
    closed.set(key, { document, at: Date.now() });
    const [oldest] = closed.keys();
    if (closed.size > MAX_CLOSED && oldest !== undefined) closed.delete(oldest);
  };
  const forget = (uri: vscode.Uri) => {
    closed.delete(uri.toString());
    viewed.forget(uri.toString());
  };
  vscode.window.visibleTextEditors.forEach(touch);
  touch(vscode.window.activeTextEditor);
  const subscription = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(touch),
    vscode.workspace.onDidCloseTextDocument((document) => {
      // Text that was in no file is gone with its editor.
      if (document.isUntitled) forget(document.uri);
      else close(document);
    }),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => closed.delete(uri.toString())),
    vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach(forget)),
    vscode.workspace.onDidRenameFiles(({ files }) => files.forEach(({ oldUri }) => forget(oldUri))),
  );
  return {
    besides(document) {
      const known = new Map<string, vscode.TextDocument>();
      const since = Date.now() - CLOSED_MS;
      for (const [uri, { document: last, at }] of closed) if (at >= since) known.set(uri, last);
      for (const open of vscode.workspace.textDocuments) known.set(open.uri.toString(), open);
      known.delete(document.uri.toString());
      return viewed
        .keys()
        .flatMap((uri) => known.get(uri) ?? [])
        .filter(mayLeave)
        .map(textOf);
    },
    textOf,
    dispose: () => void subscription.dispose(),
  };
}
