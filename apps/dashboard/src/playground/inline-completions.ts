import type { CompletionClient, OpenDocument, Situation, Suggestion } from '@ghostline/client';
import * as monaco from './monaco.ts';

/** Monaco hands back the very objects it was given: each carries its suggestion. */
interface Item extends monaco.languages.InlineCompletion {
  readonly suggestion: Suggestion;
}
type List = monaco.languages.InlineCompletions<Item>;

export interface InlineCompletionsOptions {
  readonly client: Pick<CompletionClient, 'complete' | 'shown' | 'accepted' | 'changed' | 'dismissed' | 'onExtended'>;
  /** As the server is to know the document. */
  readonly pathOf: (model: monaco.editor.ITextModel) => string;
  readonly openDocumentsBesides: (model: monaco.editor.ITextModel) => readonly OpenDocument[];
}

/** Connects the client with one Monaco editor, which reports by itself what it shows and what becomes of it. */
export function connectInlineCompletions(
  editor: monaco.editor.IStandaloneCodeEditor,
  { client, pathOf, openDocumentsBesides }: InlineCompletionsOptions,
): monaco.IDisposable {
  /** The view whose redrawing has begun, until Monaco asks for it. */
  let growing: string | undefined;
  let visible: string | undefined;
  const lastChanges = new WeakMap<monaco.editor.ITextModel, 'undo' | 'redo'>();

  const provider: monaco.languages.InlineCompletionsProvider<List> = {
    async provideInlineCompletions(model, position, context, token) {
      const isOurs = growing !== undefined;
      growing = undefined;
      if (!context.includeInlineCompletions) return undefined;
      const { Explicit } = monaco.languages.InlineCompletionTriggerKind;
      const version = model.getVersionId();
      const outcome = await withSignal(token, (signal) =>
        client.complete(
          {
            document: { ...openDocumentOf(model, pathOf), cursor: model.getOffsetAt(position) },
            openDocuments: () => openDocumentsBesides(model),
            situation: situationOf(editor, lastChanges.get(model)),
            trigger: context.triggerKind === Explicit && !isOurs ? 'manual' : 'automatic',
          },
          signal,
        ),
      );
      if (outcome.kind !== 'suggested' || model.getVersionId() !== version) return undefined;
      return { items: outcome.suggestions.map((suggestion) => itemOf(suggestion, model)) };
    },
    handleItemDidShow(_list, { suggestion }) {
      visible = suggestion.viewId;
      client.shown(suggestion, 'measured');
    },
    handleEndOfLifetime(_list, { suggestion: { viewId } }, reason) {
      const { Accepted, Rejected } = monaco.languages.InlineCompletionEndOfLifeReasonKind;
      // Typing along and growing replace an item by the next one of the same stay on screen.
      if (growing === viewId) return;
      if ('supersededBy' in reason && reason.supersededBy?.suggestion.viewId === viewId) return;
      if (visible === viewId) visible = undefined;
      if (reason.kind === Accepted) client.accepted(viewId, 'measured');
      else client.dismissed(viewId, reason.kind === Rejected ? 'rejected' : 'ignored', 'measured');
    },
    disposeInlineCompletions() {},
  };

  /**
   * Monaco asks a provider once for each version of the text, unless a person insists, and then keeps the text it has in
   * front. So the ghost text is taken away and asked for again; both happen before the next frame is painted.
   */
  function grow(viewId: string): void {
    if (visible !== viewId) return;
    growing = viewId;
    editor.trigger('ghostline', 'editor.action.inlineSuggest.hide', undefined);
    editor.trigger('ghostline', 'editor.action.inlineSuggest.trigger', undefined);
  }

  const registration = monaco.languages.registerInlineCompletionsProvider({ pattern: '**' }, provider);
  const changes = editor.onDidChangeModelContent(({ changes, isUndoing, isRedoing }) => {
    const model = editor.getModel()!;
    if (isUndoing || isRedoing) lastChanges.set(model, isUndoing ? 'undo' : 'redo');
    else lastChanges.delete(model);
    const uri = model.uri.toString();
    // All offsets are into the text before the event: from the end, no edit moves the place of the next.
    for (const { rangeOffset, rangeLength, text } of changes.toSorted((a, b) => b.rangeOffset - a.rangeOffset)) {
      client.changed({ uri, offset: rangeOffset, deleted: rangeLength, inserted: text });
    }
  });
  const unsubscribe = client.onExtended(grow);
  return {
    dispose() {
      unsubscribe();
      changes.dispose();
      registration.dispose();
    },
  };
}

/** A document of the playground as the client knows it. Its models have LF only, as their offsets must. */
export function openDocumentOf(
  model: monaco.editor.ITextModel,
  pathOf: (model: monaco.editor.ITextModel) => string,
): OpenDocument {
  return { uri: model.uri.toString(), path: pathOf(model), language: model.getLanguageId(), text: model.getValue() };
}

function itemOf(suggestion: Suggestion, model: monaco.editor.ITextModel): Item {
  const start = model.getPositionAt(suggestion.range.start);
  const end = model.getPositionAt(suggestion.range.end);
  return { insertText: suggestion.text, range: monaco.Range.fromPositions(start, end), suggestion };
}

/** A selection counts as two places: text could go to either end. */
function situationOf(editor: monaco.editor.ICodeEditor, lastChange: Situation['lastChange'] | undefined): Situation {
  const selections = editor.getSelections() ?? [];
  const cursors = selections.reduce((sum, selection) => sum + (selection.isEmpty() ? 1 : 2), 0);
  return { cursors, ...(lastChange && { lastChange }) };
}

async function withSignal<T>(token: monaco.CancellationToken, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('The editor no longer needs this suggestion', 'AbortError'));
  if (token.isCancellationRequested) abort();
  const subscription = token.onCancellationRequested(abort);
  try {
    return await work(controller.signal);
  } finally {
    subscription.dispose();
  }
}
