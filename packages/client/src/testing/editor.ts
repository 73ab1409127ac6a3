import type { TelemetryEvent } from '@ghostline/protocol';
import { type CompletionClientOptions, createCompletionClient } from '../complete.ts';
import type { ClientSettings, DocumentSnapshot, OpenDocument, Outcome, Suggestion } from '../types.ts';
import { draw } from './draw.ts';
import { createManualClock } from './manual-clock.ts';
import { createScriptedTransport } from './scripted-transport.ts';

/** Asks everywhere and shows all of an answer: what cuts and gates is chosen where it matters. */
const UNRESTRAINED: ClientSettings = { multiline: 'always', afterDeletion: true };

/** A client between a scripted server and a document that is typed into as in VS Code, on a clock that stands still. */
export function openEditor(drawing: string, options: Partial<CompletionClientOptions> = {}) {
  const clock = createManualClock();
  const server = createScriptedTransport();
  const events: TelemetryEvent[] = [];
  const client = createCompletionClient({
    transport: server,
    record: (event) => events.push(event),
    clientInfo: { name: 'test' },
    now: clock.now,
    setTimer: clock.setTimer,
    ...options,
    settings: () => ({ ...UNRESTRAINED, ...(options.settings?.() ?? { delayMs: 0 }) }),
  });
  let document: DocumentSnapshot = draw(drawing);
  let token = new AbortController();

  function edit(offset: number, deleted: number, inserted: string, cursor = offset + inserted.length): void {
    // The core cancels what it asked for at every change.
    token.abort();
    const text = document.text.slice(0, offset) + inserted + document.text.slice(offset + deleted);
    document = { ...document, text, cursor };
    client.changed({ uri: document.uri, offset, deleted, inserted });
  }

  return {
    clock,
    server,
    client,
    events,
    get document() {
      return document;
    },
    get drawing() {
      return `${document.text.slice(0, document.cursor)}█${document.text.slice(document.cursor)}`;
    },
    /** Asks for a completion as the editor does after each change. */
    ask({ trigger = 'automatic', open = [] as readonly OpenDocument[] }: AskOptions = {}): Promise<Outcome> {
      token = new AbortController();
      return client.complete({ document, trigger, openDocuments: () => open }, token.signal);
    },
    /** The token of the last call is cancelled, as when the cursor moves. */
    cancel: () => token.abort(),
    type(text: string): void {
      for (const char of text) edit(document.cursor, 0, char);
    },
    /** One key that inserts more than itself: `closing` lands after the cursor. */
    typeClosed(opener: string, closing: string): void {
      edit(document.cursor, 0, opener + closing, document.cursor + opener.length);
    },
    /** A closing key pressed where that character stands already: the cursor moves over it. */
    typeOver(char: string): void {
      edit(document.cursor, 1, char);
    },
    insert(text: string): void {
      edit(document.cursor, 0, text);
    },
    backspace(count = 1): void {
      edit(document.cursor - count, count, '');
    },
    /** Replaces the whole document without telling of a change: another file, or a moved cursor. */
    jump(drawing: string, uri = document.uri): void {
      token.abort();
      document = { ...draw(drawing), uri };
    },
    /** As `jump`, for what cannot be drawn. */
    open(opened: DocumentSnapshot): void {
      token.abort();
      document = opened;
    },
    /** Tab: the edit, then the command. */
    accept(suggestion: Suggestion): void {
      edit(suggestion.range.start, suggestion.range.end - suggestion.range.start, suggestion.text);
      client.accepted(suggestion.viewId, 'measured');
    },
  };
}

interface AskOptions {
  readonly trigger?: 'automatic' | 'manual';
  readonly open?: readonly OpenDocument[];
}

export function suggestionsOf(outcome: Outcome): readonly [Suggestion, ...Suggestion[]] {
  if (outcome.kind !== 'suggested') throw new Error(`expected a suggestion, got ${JSON.stringify(outcome)}`);
  return outcome.suggestions;
}

export function suggestionOf(outcome: Outcome): Suggestion {
  return suggestionsOf(outcome)[0];
}
