/** What the client asks of VS Code about the documents in which suggestions were accepted. */
import type { Unresolved } from '@ghostline/client';
import * as vscode from 'vscode';
import { lfOffset, withLf } from '../line-endings.ts';
import { type DiagnosticPlace, countUnresolved } from './count-unresolved.ts';
import { createLooks } from './looks.ts';

export interface OpenTexts extends vscode.Disposable {
  /** The text of a document with LF; undefined while it is closed. */
  textOf(uri: string): string | undefined;
  /** What language servers say of `range`, in offsets of that text; undefined when none has looked at it as it is now. */
  unresolvedIn(uri: string, range: { readonly start: number; readonly end: number }): Unresolved | undefined;
}

export function followOpenTexts(): OpenTexts {
  const looks = createLooks();
  const subscriptions = vscode.Disposable.from(
    vscode.languages.onDidChangeDiagnostics(({ uris }) => uris.forEach((uri) => looks.told(uri.toString()))),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) looks.changed(document.uri.toString());
    }),
    vscode.workspace.onDidCloseTextDocument((document) => looks.closed(document.uri.toString())),
  );
  return {
    textOf(uri) {
      const document = documentAt(uri);
      return document && withLf(document.getText(), hasCrlf(document));
    },
    unresolvedIn(uri, range) {
      const document = documentAt(uri);
      if (!document) return undefined;
      const diagnostics = vscode.languages.getDiagnostics(document.uri).map((one) => placeOf(one, document));
      if (!looks.hasLooked(uri, document.languageId, diagnostics)) return undefined;
      return countUnresolved(diagnostics, range);
    },
    dispose: () => subscriptions.dispose(),
  };
}

function placeOf({ range, source, code }: vscode.Diagnostic, document: vscode.TextDocument): DiagnosticPlace {
  const offset = (position: vscode.Position) => lfOffset(document.offsetAt(position), position.line, hasCrlf(document));
  return { start: offset(range.start), end: offset(range.end), source, code };
}

function documentAt(uri: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri && !document.isClosed);
}

function hasCrlf(document: vscode.TextDocument): boolean {
  return document.eol === vscode.EndOfLine.CRLF;
}
