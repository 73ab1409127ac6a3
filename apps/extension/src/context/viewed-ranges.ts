import type { Excerpt, OpenDocument } from '@ghostline/client';
import * as vscode from 'vscode';
import { realTimer } from '../timer.ts';
import { createViewHistory } from './view-history.ts';

/** Follows which parts of documents are on screen. */
export interface ViewedRanges extends vscode.Disposable {
  /** Those of other documents that were looked at lately, as they are now; of closed documents none. */
  besides(document: vscode.TextDocument): readonly Excerpt[];
}

export interface ViewedRangesOptions {
  /** Whether a document's text may be sent at all; asked each time. */
  readonly mayLeave: (document: vscode.TextDocument) => boolean;
  readonly textOf: (document: vscode.TextDocument) => OpenDocument;
}

export function trackViewedRanges({ mayLeave, textOf }: ViewedRangesOptions): ViewedRanges {
  const history = createViewHistory<vscode.TextEditor, vscode.TextDocument>({ now: Date.now, setTimer: realTimer });
  let panes: readonly vscode.TextEditor[] = [];

  function note(editor: vscode.TextEditor): void {
    const { document } = editor;
    const [first] = editor.visibleRanges;
    const last = editor.visibleRanges.at(-1);
    history.shows(editor, first && last && { document, start: first.start.line, end: last.end.line + 1 });
  }
  function noteAll(editors: readonly vscode.TextEditor[]): void {
    for (const pane of panes) if (!editors.includes(pane)) history.shows(pane, undefined);
    panes = editors;
    editors.forEach(note);
  }

  noteAll(vscode.window.visibleTextEditors);
  const subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeVisibleTextEditors(noteAll),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => note(textEditor)),
    vscode.workspace.onDidCloseTextDocument((document) => history.forget(document)),
  );
  return {
    besides(document) {
      return history.viewedBesides(document).flatMap(({ document: viewed, start, end }) => {
        if (viewed.isClosed || !mayLeave(viewed)) return [];
        const open = textOf(viewed);
        const text = linesOf(open.text, start, end);
        return text === '' ? [] : [{ ...open, text, startLine: start }];
      });
    },
    dispose() {
      subscriptions.dispose();
      history.dispose();
    },
  };
}

/** Lines `[start, end)`, without going through those behind them. */
function linesOf(text: string, start: number, end: number): string {
  let at = 0;
  let from = start === 0 ? 0 : -1;
  for (let line = 1; line <= end; line++) {
    const lineBreak = text.indexOf('\n', at);
    if (lineBreak < 0) return from < 0 ? '' : text.slice(from);
    at = lineBreak + 1;
    if (line === start) from = at;
  }
  return from < 0 ? '' : text.slice(from, at - 1);
}
