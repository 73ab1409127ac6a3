/** The editor's question as the client's query: what stands there, where the user is, and what else may be told. */
import type { CompletionQuery } from '@ghostline/client';
import * as vscode from 'vscode';
import type { Definitions } from './context/definitions.ts';
import type { ViewedRanges } from './context/viewed-ranges.ts';
import { cellsBesides, lineSnapshotOf, snapshotOf } from './document-snapshot.ts';
import type { Enablement } from './enablement.ts';
import type { EditorQuestion } from './inline-completion-provider.ts';
import type { LastChanges } from './last-change.ts';
import type { OpenDocuments } from './open-documents.ts';
import { situationOf } from './situation.ts';

export interface EditorQueryOptions {
  readonly enablementIn: (document: vscode.TextDocument) => Enablement;
  readonly onDemand: () => boolean;
  readonly lastChanges: Pick<LastChanges<vscode.TextDocument>, 'of'>;
  /** None of these has anything of a document whose text must stay. */
  readonly openDocuments: Pick<OpenDocuments, 'besides' | 'textOf'>;
  readonly viewedRanges: Pick<ViewedRanges, 'besides'>;
  readonly definitions: Pick<Definitions, 'near'>;
}

export type AskInEditor = (question: EditorQuestion) => CompletionQuery;

export function createEditorQuery(options: EditorQueryOptions): AskInEditor {
  const { enablementIn, onDemand, lastChanges, openDocuments, viewedRanges, definitions } = options;
  return ({ document, position, trigger, selected }) => {
    const enablement = enablementIn(document);
    const isOn = enablement.kind === 'on';
    const snapshot = isOn
      ? snapshotOf(openDocuments.textOf(document), document, position)
      : lineSnapshotOf(document, position);
    const situation = situationOf({
      enablement,
      onDemand: onDemand(),
      selections: editorOf(document)?.selections ?? [],
      lastChange: lastChanges.of(document),
      selectedEntry: selected && {
        text: selected.text,
        start: snapshot.cursor - (position.character - selected.range.start.character),
      },
    });
    if (!isOn) return { document: snapshot, trigger, situation, openDocuments: () => [] };
    return {
      document: snapshot,
      trigger,
      situation,
      openDocuments() {
        const cells = cellsBesides(document).filter((cell) => enablementIn(cell).kind === 'on');
        // A cell that was looked at is among the others, too.
        return [...new Set([...cells.map(openDocuments.textOf), ...openDocuments.besides(document)])];
      },
      viewedRanges: () => viewedRanges.besides(document),
      definitions: (signal) => definitions.near(document, position, signal),
    };
  };
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document ? editor : undefined;
}
