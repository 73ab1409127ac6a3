import type { CompletionClient, CompletionQuery, Outcome, Suggestion } from '@ghostline/client';
import * as vscode from 'vscode';
import { rangeOf } from './document-snapshot.ts';
import { type Measurement, type ProposedHooks, createProposedHooks } from './proposed-hooks.ts';
import type { VisibleView } from './visible-view.ts';

export const ACCEPTED_COMMAND = 'ghostline.internal.accepted';

export interface ProviderOptions {
  readonly client: Pick<
    CompletionClient,
    'complete' | 'shown' | 'accepted' | 'partiallyAccepted' | 'dismissed' | 'onExtended'
  >;
  readonly view: VisibleView;
  readonly measurement: Measurement;
  readonly ask: (question: EditorQuestion) => CompletionQuery;
  /** Told every outcome; never given any code. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** What VS Code asks, and by whose wish. */
export interface EditorQuestion {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly trigger: CompletionQuery['trigger'];
  /** The entry selected in the list of completions, where that is open. */
  readonly selected?: vscode.SelectedCompletionInfo | undefined;
}

/** Asks the client at each keystroke and gives VS Code the ghost text. */
export function registerInlineCompletions(options: ProviderOptions): vscode.Disposable {
  const { client, view, measurement, ask, onOutcome } = options;
  const suggestions = new WeakMap<vscode.InlineCompletionItem, Suggestion>();
  let refreshing = false;

  async function provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | undefined> {
    const manual = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke && !refreshing;
    const { version } = document;
    const query = ask({
      document,
      position,
      trigger: manual ? 'manual' : 'automatic',
      selected: context.selectedCompletionInfo,
    });
    const outcome = await withSignal(token, (signal) => client.complete(query, signal));
    onOutcome(outcome);
    if (outcome.kind === 'cancelled' || token.isCancellationRequested || document.version !== version) return undefined;
    const items = outcome.kind === 'suggested' ? outcome.suggestions.flatMap(toItem) : [];
    const first = items[0] && suggestions.get(items[0]);
    if (!first || !fitsSelectedEntry(first, context, document, position)) {
      const left = view.end();
      if (left !== undefined) client.dismissed(left, 'ignored', 'inferred');
      return undefined;
    }
    if (isCursorAt(document, position)) {
      view.show(first.viewId, document.uri.toString(), position);
      if (!measurement.available) client.shown(first, 'inferred');
    }
    return items;

    function toItem(suggestion: Suggestion): vscode.InlineCompletionItem[] {
      const range = rangeOf(suggestion, query.document, document, position);
      if (!range) return [];
      const item = new vscode.InlineCompletionItem(suggestion.text, range, {
        command: ACCEPTED_COMMAND,
        title: vscode.l10n.t('Suggestion accepted'),
        arguments: [suggestion.viewId],
      });
      suggestions.set(item, suggestion);
      return [item];
    }
  }

  /**
   * Ghost text that has grown. Asked again for the same place, VS Code keeps what is on screen and puts the answer behind
   * it, so that nothing flickers; `showNext` does both, ask and step on to the answer. It calls this an invocation.
   */
  async function refresh(viewId: string) {
    if (!view.isAtRest(viewId)) return;
    refreshing = true;
    try {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.showNext');
    } finally {
      refreshing = false;
    }
  }

  const unsubscribe = client.onExtended((viewId) => void refresh(viewId));
  const hooks = createProposedHooks(client, view, measurement, (item: vscode.InlineCompletionItem) =>
    suggestions.get(item),
  );
  return vscode.Disposable.from({ dispose: unsubscribe }, register({ provideInlineCompletionItems }, hooks));
}

/** VS Code refuses a provider with hooks that it may not have, which is nearly everywhere; there it goes without them. */
function register(
  provider: vscode.InlineCompletionItemProvider,
  hooks: ProposedHooks<vscode.InlineCompletionItem>,
): vscode.Disposable {
  const everywhere = { pattern: '**' };
  try {
    return vscode.languages.registerInlineCompletionItemProvider(everywhere, { ...provider, ...hooks });
  } catch {
    return vscode.languages.registerInlineCompletionItemProvider(everywhere, provider);
  }
}

function isCursorAt(document: vscode.TextDocument, position: vscode.Position): boolean {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document && editor.selection.active.isEqual(position);
}

/** While the list of IntelliSense is open, VS Code shows only ghost text that goes on from the selected entry. */
function fitsSelectedEntry(
  suggestion: Suggestion,
  { selectedCompletionInfo }: vscode.InlineCompletionContext,
  document: vscode.TextDocument,
  position: vscode.Position,
): boolean {
  if (!selectedCompletionInfo) return true;
  const typed = document.getText(new vscode.Range(selectedCompletionInfo.range.start, position));
  return (typed + suggestion.text).startsWith(selectedCompletionInfo.text);
}

async function withSignal<T>(token: vscode.CancellationToken, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
