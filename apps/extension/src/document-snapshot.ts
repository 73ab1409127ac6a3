/** VS Code's documents, positions and edits as the plain data the client knows, and back. */
import type { DocumentChange, DocumentSnapshot, OpenDocument, Suggestion } from '@ghostline/client';
import * as vscode from 'vscode';
import { lfOffset, withLf } from './line-endings.ts';
import { neighboursOf } from './notebook-cells.ts';

/** The document at this moment, of which `open` is a copy. Offsets, here and below, are into its text with LF. */
export function snapshotOf(
  open: OpenDocument,
  document: vscode.TextDocument,
  position: vscode.Position,
): DocumentSnapshot {
  return { ...open, cursor: lfOffset(document.offsetAt(position), position.line, hasCrlf(document)) };
}

/**
 * The cursor's line alone, at its place in the document: enough to say where something was not asked, without a copy of a
 * text that nobody may see.
 */
export function lineSnapshotOf(document: vscode.TextDocument, position: vscode.Position): DocumentSnapshot {
  return {
    uri: document.uri.toString(),
    path: pathOf(document),
    language: document.languageId,
    text: '\n'.repeat(position.line) + document.lineAt(position.line).text,
    cursor: position.line + position.character,
  };
}

export function openDocumentOf(document: vscode.TextDocument): OpenDocument {
  return {
    uri: document.uri.toString(),
    path: pathOf(document),
    language: document.languageId,
    text: withLf(document.getText(), hasCrlf(document)),
  };
}

/** The range a suggestion replaces; undefined when it leaves the cursor's line, which no inline suggestion may. */
export function rangeOf(
  suggestion: Suggestion,
  snapshot: DocumentSnapshot,
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Range | undefined {
  const lineStart = snapshot.cursor - position.character;
  const start = suggestion.range.start - lineStart;
  const end = suggestion.range.end - lineStart;
  if (start < 0 || start > position.character || end < position.character) return undefined;
  if (end > document.lineAt(position.line).text.length) return undefined;
  return new vscode.Range(position.line, start, position.line, end);
}

/** The edits of one event in an order in which each can be applied to the result of the one before. */
export function changesOf(event: vscode.TextDocumentChangeEvent): DocumentChange[] {
  const crlf = hasCrlf(event.document);
  // All offsets are into the text before the event: from the end, no edit moves the place of the next.
  const fromTheEnd = event.contentChanges.toSorted((a, b) => b.rangeOffset - a.rangeOffset);
  return fromTheEnd.map(({ range, rangeOffset, rangeLength, text }) => {
    const offset = lfOffset(rangeOffset, range.start.line, crlf);
    const end = lfOffset(rangeOffset + rangeLength, range.end.line, crlf);
    return { uri: event.document.uri.toString(), offset, deleted: end - offset, inserted: withLf(text, crlf) };
  });
}

function hasCrlf(document: vscode.TextDocument): boolean {
  return document.eol === vscode.EndOfLine.CRLF;
}

/** Relative to the workspace, with the folder's name where there are several; outside of it only the file's name. */
export function pathOf(document: vscode.TextDocument): string {
  const uri = notebookOf(document)?.uri ?? document.uri;
  if (vscode.workspace.getWorkspaceFolder(uri)) return vscode.workspace.asRelativePath(uri);
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

/** The other cells of the notebook that this document is a cell of. */
export function cellsBesides(document: vscode.TextDocument): vscode.TextDocument[] {
  const cells = notebookOf(document)?.getCells() ?? [];
  const asCells = cells.map((cell) => ({ document: cell.document, language: cell.document.languageId }));
  return neighboursOf(asCells, document, NEIGHBOURS);
}

/** A screen's worth of cells on either side; what is further away is in other files as often. */
const NEIGHBOURS = 8;

function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document === document),
  );
}
