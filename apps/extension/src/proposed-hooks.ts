/**
 * VS Code can tell a provider what became of its suggestions, through an API that is still proposed
 * (`inlineCompletionsAdditions`): only some builds allow it (forks, a private VSIX with `--enable-proposed-api`), and the
 * others refuse a provider that has these hooks. Where it is called we know instead of concluding.
 */
import type { CompletionClient, Suggestion } from '@ghostline/client';
import type { VisibleView } from './visible-view.ts';

/** As in VS Code's `InlineCompletionEndOfLifeReason`. */
export type EndOfLife<Item> =
  | { readonly kind: typeof ACCEPTED | typeof REJECTED }
  | { readonly kind: typeof IGNORED; readonly supersededBy?: Item; readonly userTypingDisagreed: boolean };

const ACCEPTED = 0;
const REJECTED = 1;
const IGNORED = 2;

/** As in VS Code's `PartialAcceptInfo`; `acceptedLength` counts from the beginning of the item's text. */
export interface PartialAcceptance {
  readonly acceptedLength: number;
}

export interface ProposedHooks<Item> {
  handleDidShowCompletionItem(item: Item): void;
  handleDidPartiallyAcceptCompletionItem(item: Item, info: PartialAcceptance): void;
  handleEndOfLifetime(item: Item, reason: EndOfLife<Item>): void;
}

/** Whether this session's editor says by itself what it shows; once it does, that is no longer inferred. */
export interface Measurement {
  available: boolean;
}

export function createProposedHooks<Item>(
  client: Pick<CompletionClient, 'shown' | 'accepted' | 'partiallyAccepted' | 'dismissed'>,
  view: VisibleView,
  measurement: Measurement,
  suggestionOf: (item: Item) => Suggestion | undefined,
): ProposedHooks<Item> {
  let onScreen: Item | undefined;
  return {
    handleDidShowCompletionItem(item) {
      measurement.available = true;
      onScreen = item;
      const suggestion = suggestionOf(item);
      if (suggestion) client.shown(suggestion, 'measured');
    },
    handleDidPartiallyAcceptCompletionItem(item, { acceptedLength }) {
      measurement.available = true;
      const suggestion = suggestionOf(item);
      if (suggestion) client.partiallyAccepted(suggestion, acceptedLength);
    },
    handleEndOfLifetime(item, reason) {
      measurement.available = true;
      const viewId = suggestionOf(item)?.viewId;
      if (viewId === undefined) return;
      if (reason.kind === IGNORED) {
        if (item !== onScreen) return;
        // Typing along and growing replace an item by the next one of the same stay on screen.
        if (reason.supersededBy && suggestionOf(reason.supersededBy)?.viewId === viewId) return;
        // The client saw what was typed and has called it a rejection.
        if (reason.userTypingDisagreed) return;
      }
      view.end(viewId);
      if (reason.kind === ACCEPTED) client.accepted(viewId, 'measured');
      else client.dismissed(viewId, reason.kind === REJECTED ? 'rejected' : 'ignored', 'measured');
    },
  };
}
