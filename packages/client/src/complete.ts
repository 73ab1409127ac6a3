import type { CompletionRequest, StreamEvent, TelemetryEvent } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { createRequestBuilder } from './context/request.ts';
import { createTextRules } from './context/text-rules.ts';
import { createLifetime } from './lifetime/lifetime.ts';
import { type Anchor, type Progress, anchorAt, progressSince } from './policy/anchor.ts';
import { type Answer, type AnswerEnd, openAnswer } from './policy/answer.ts';
import { createCompletionCache } from './policy/completion-cache.ts';
import { type Offer, type Placement, type Placements, placeAnswer } from './policy/offer.ts';
import { paceMs } from './policy/pace.ts';
import { watchServer } from './server-watch.ts';
import { createStateTracker } from './state.ts';
import { lastLine, splitsPair } from './text/lines.ts';
import { type SetTimer, pause, realTimer } from './timer.ts';
import type {
  ClientFailure,
  ClientSettings,
  CompletionClient,
  CompletionQuery,
  DocumentSnapshot,
  Outcome,
  Suggestion,
  Transport,
} from './types.ts';

/**
 * How long a request outlives the call that made it. VS Code cancels at every keystroke and asks again 50 ms later, or
 * 50 ms after the next key when that comes sooner; with the hop to the extension host, 150 ms let a typist at full speed
 * join the request under way, and cost the server that much work for nothing when nobody does.
 */
const LINGER_MS = 150;

export interface CompletionClientOptions {
  readonly transport: Transport;
  /** Takes the events of what happens to suggestions; an outbox's `record`, as a rule. */
  readonly record: (event: TelemetryEvent) => void;
  readonly clientInfo: NonNullable<CompletionRequest['client']>;
  /** Opaque identity of the workspace, for affinity only. */
  readonly workspaceId?: string;
  readonly settings?: () => ClientSettings;
  /** Every event of every stream as it comes, for traces. */
  readonly onStreamEvent?: (event: StreamEvent) => void;
  /** A stream is over; with the failure if it broke. */
  readonly onStreamEnd?: (failure: ClientFailure | undefined) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
  /** UUIDs of version 7. */
  readonly newId?: () => string;
}

const noSettings = (): ClientSettings => ({});

type CancelReason = Extract<Outcome, { kind: 'cancelled' }>['reason'];
type Source = Suggestion['source'];

/** Keystroke → ghost text. The steps are those of `answer`, in order. */
export function createCompletionClient(options: CompletionClientOptions): CompletionClient {
  const { transport, settings = noSettings, now = Date.now, setTimer = realTimer, newId = v7 } = options;
  const textRules = createTextRules();
  const requests = createRequestBuilder({
    sessionId: newId(),
    workspaceId: options.workspaceId,
    client: options.clientInfo,
  });
  const cache = createCompletionCache();
  const state = createStateTracker(now);
  const server = watchServer(transport, state, setTimer);
  const lifetime = createLifetime({ record: options.record, onLeft: left, now, setTimer, newId });
  const extendedListeners = new Set<(viewId: string) => void>();
  let current: Call | undefined;
  let running: Answer | undefined;
  let screen: Screen | undefined;
  /** The last answer without text: the same place need not be asked about again. */
  let silence: Answer | undefined;
  let isDisposed = false;

  async function answer(query: CompletionQuery, signal: AbortSignal): Promise<Outcome> {
    const { document, trigger } = query;
    const chosen = settings();
    const candidates = trigger === 'manual' ? (chosen.maxCandidates ?? 1) : 1;
    const asked: Asked = { document, trigger, candidates, at: now(), signal };
    if (!hasCursor(document)) return { kind: 'empty', reason: 'no-cursor' };

    const rules = textRules.with(chosen.exclude ?? []);
    if (rules.isExcluded(document.path)) return { kind: 'empty', reason: 'excluded' };

    const typedThrough = fromScreen(asked);
    if (typedThrough) return typedThrough;
    leaveScreen();

    const cached = cache.find(document, candidates);
    const reused = cached && (await settle(cached.answer, cached.progress.typed, 'cache', asked));
    if (reused) return reused;

    if (isSilent(asked)) return { kind: 'empty', reason: 'silent' };

    const underWay = inFlight(asked);
    const joined = underWay && (await settle(underWay.answer, underWay.progress.typed, 'inflight', asked));
    if (joined) return joined;
    running?.abort();

    await pause(paceMs(trigger, chosen.delayMs), setTimer, signal);
    const heldBack = trigger === 'automatic' ? state.heldBack() : undefined;
    if (heldBack) return { kind: 'failed', failure: heldBack };

    const anchor = anchorAt(document);
    const request = requests.build(query, anchor, chosen, rules);
    const fresh = await settle(send(request, anchor), '', 'network', asked);
    return fresh ?? { kind: 'empty', reason: 'trimmed' };
  }

  /** The suggestion on screen, or the rest of it when the user typed along. */
  function fromScreen(asked: Asked): Outcome | undefined {
    if (!screen || screen.offer.answer.candidates < asked.candidates) return undefined;
    const fit = screen.offer.fit(asked.document);
    if (fit.kind === 'no-fit') return undefined;
    if (fit.kind === 'nothing-left') return { kind: 'empty', reason: 'trimmed' };
    return suggest(screen, fit.placements, 'typed', asked);
  }

  /** The model had nothing to say to this very document; who asks by hand makes it think again. */
  function isSilent({ document, trigger }: Asked): boolean {
    return trigger === 'automatic' && silence !== undefined && progressSince(silence.anchor, document)?.typed === '';
  }

  function inFlight({ document, candidates }: Asked): { answer: Answer; progress: Progress } | undefined {
    if (!running || running.candidates < candidates) return undefined;
    const progress = progressSince(running.anchor, document);
    return progress && { answer: running, progress };
  }

  function send(request: CompletionRequest, anchor: Anchor): Answer {
    const answer = openAnswer({
      transport,
      request,
      anchor,
      lingerMs: LINGER_MS,
      setTimer,
      onEvent(event) {
        if (event.event === 'start') state.reached();
        options.onStreamEvent?.(event);
      },
      onEnd: (end) => ended(answer, end),
    });
    running = answer;
    return answer;
  }

  function ended(answer: Answer, end: AnswerEnd): void {
    if (end.kind === 'failed') state.failed(end.failure);
    if (running === answer) running = undefined;
    if (answer.isNatural()) cache.put(answer);
    if (answer.isSilent()) silence = answer;
    if (end.kind !== 'aborted') options.onStreamEnd?.(end.kind === 'failed' ? end.failure : undefined);
    // The caller may not have its suggestion in hand yet: a timer comes after every promise.
    if (screen?.offer.answer === answer) setTimer(() => announceGrowth(answer), 0);
  }

  /** Waits until `answer` is worth showing or done. Undefined when what was typed before it came disagrees. */
  async function settle(answer: Answer, typed: string, source: Source, asked: Asked): Promise<Outcome | undefined> {
    const { document, signal } = asked;
    const offer = placeAnswer(answer, typed, document);
    const release = answer.retain();
    const stopWaiting = answer.end ? undefined : state.wait();
    try {
      await answer.until(() => offer.verdict(document), signal);
      // More may have come since the promise was resolved.
      const verdict = offer.verdict(document);
      if (verdict?.kind === 'shows') {
        screen = { offer, release: answer.retain(), document, texts: new Map(), viewIds: [] };
        return suggest(screen, verdict.placements, source, asked);
      }
      if (!verdict || verdict.kind === 'disagrees') return undefined;
      if (verdict.kind === 'aborted') return { kind: 'cancelled', reason: 'superseded' };
      return verdict;
    } finally {
      release();
      stopWaiting?.();
    }
  }

  function suggest(on: Screen, placements: Placements, source: Source, asked: Asked): Outcome {
    const { document } = asked;
    const place = (placement: Placement): Suggestion => {
      const suggestion = toSuggestion(on.offer.answer, placement, source, asked);
      const { text, typedLength, end } = placement;
      lifetime.place({
        suggestion,
        uri: document.uri,
        language: document.language,
        trigger: asked.trigger,
        region: {
          start: document.cursor - typedLength,
          before: lastLine(on.offer.anchor.prefix),
          text,
          typed: typedLength,
          tail: document.text.slice(document.cursor, end),
        },
      });
      return suggestion;
    };
    const [first, ...others] = placements;
    const suggestions: [Suggestion, ...Suggestion[]] = [place(first), ...others.map(place)];
    // The alternative that is being looked at stays first while the user types along.
    suggestions.sort((a, b) => Number(lifetime.isVisible(b.viewId)) - Number(lifetime.isVisible(a.viewId)));
    on.document = document;
    on.texts = new Map(placements.map(({ index, text }) => [index, text]));
    on.viewIds = suggestions.map((suggestion) => suggestion.viewId);
    return { kind: 'suggested', suggestions };
  }

  function toSuggestion(answer: Answer, placement: Placement, source: Source, asked: Asked): Suggestion {
    const { index, text, typedLength, end } = placement;
    const { completion_id, model, region } = answer.start!;
    return {
      viewId: lifetime.viewOf(completion_id, index),
      completionId: completion_id,
      choice: index,
      text: text.slice(typedLength),
      range: { start: asked.document.cursor, end },
      source,
      model,
      region,
      latencyMs: Math.max(0, now() - asked.at),
      complete: answer.hasEnded(index),
    };
  }

  function announceGrowth(answer: Answer): void {
    if (screen?.offer.answer !== answer) return;
    const { offer, document, texts, viewIds } = screen;
    const fit = offer.fit(document);
    if (fit.kind !== 'shows' || fit.placements.every(({ index, text }) => texts.get(index) === text)) return;
    for (const listener of extendedListeners) listener(viewIds[0]!);
  }

  function leaveScreen(): void {
    screen?.release();
    screen = undefined;
    lifetime.superseded();
  }

  /** The user has decided about this view: what it came from is no longer kept ready. */
  function left(viewId: string): void {
    if (!screen?.viewIds.includes(viewId)) return;
    screen.release();
    screen = undefined;
  }

  function cancel(reason: CancelReason): void {
    if (!current) return;
    current.cancelled ??= reason;
    current.controller.abort();
  }

  return {
    async complete(query, signal) {
      if (isDisposed) return { kind: 'cancelled', reason: 'disposed' };
      if (signal.aborted) return { kind: 'cancelled', reason: 'editor' };
      cancel('superseded');
      const call: Call = { controller: new AbortController(), cancelled: undefined };
      current = call;
      const onAbort = () => {
        call.cancelled ??= 'editor';
        call.controller.abort();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await answer(query, call.controller.signal);
      } catch (error) {
        if (call.cancelled) return { kind: 'cancelled', reason: call.cancelled };
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
        if (current === call) current = undefined;
      }
    },
    shown: (suggestion, how) => lifetime.shown(suggestion.viewId, how),
    accepted(viewId, how) {
      lifetime.accepted(viewId, how);
      left(viewId);
    },
    changed: (change) => lifetime.changed(change),
    dismissed(viewId, why, how) {
      lifetime.dismissed(viewId, why, how);
      left(viewId);
    },
    isExcluded: (path) => textRules.with(settings().exclude ?? []).isExcluded(path),
    check: server.look,
    state: state.current,
    onStateChange: state.subscribe,
    onExtended(listener) {
      extendedListeners.add(listener);
      return () => extendedListeners.delete(listener);
    },
    reset() {
      leaveScreen();
      running?.abort();
      cache.clear();
      silence = undefined;
      server.stop();
      state.reset();
    },
    dispose() {
      isDisposed = true;
      cancel('disposed');
      running?.abort();
      lifetime.dispose();
      extendedListeners.clear();
      server.stop();
      state.dispose();
    },
  };
}

/** One call of `complete`, as its steps see it. */
interface Asked {
  readonly document: DocumentSnapshot;
  readonly trigger: CompletionQuery['trigger'];
  readonly candidates: number;
  readonly at: number;
  readonly signal: AbortSignal;
}

interface Call {
  readonly controller: AbortController;
  cancelled: CancelReason | undefined;
}

/** What was last handed to the editor, and with which texts. */
interface Screen {
  readonly offer: Offer;
  readonly release: () => void;
  document: DocumentSnapshot;
  texts: ReadonlyMap<number, string>;
  viewIds: readonly string[];
}

function hasCursor({ text, cursor }: DocumentSnapshot): boolean {
  return Number.isInteger(cursor) && cursor >= 0 && cursor <= text.length && !splitsPair(text, cursor);
}
