import type { CompletionRequest, StreamEvent, TelemetryEvent } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { createRequestBuilder } from './context/request.ts';
import { createTextRules } from './context/text-rules.ts';
import { createLifetime } from './lifetime/lifetime.ts';
import { createLocalTier } from './local/local-tier.ts';
import type { Answer, AnswerEnd } from './policy/answer.ts';
import { createCompletionCache } from './policy/completion-cache.ts';
import { type Offer, type Placement, type Placements, type Verdict, placeAnswer } from './policy/offer.ts';
import { isSpent } from './policy/spent.ts';
import { until } from './policy/until.ts';
import { type Question, toQuestion } from './question.ts';
import { createServerTier } from './server-tier.ts';
import { watchServer } from './server-watch.ts';
import { createStateTracker, passesByItself } from './state.ts';
import { lastLine, splitsPair } from './text/lines.ts';
import { type SetTimer, realTimer } from './timer.ts';
import type {
  ClientFailure,
  ClientSettings,
  CompletionClient,
  CompletionQuery,
  DocumentSnapshot,
  LocalModel,
  Outcome,
  Suggestion,
  Transport,
} from './types.ts';

export interface CompletionClientOptions {
  readonly transport: Transport;
  /** Takes the events of what happens to suggestions; an outbox's `record`, as a rule. */
  readonly record: (event: TelemetryEvent) => void;
  readonly clientInfo: NonNullable<CompletionRequest['client']>;
  /** Opaque identity of the workspace, for affinity only. */
  readonly workspaceId?: string;
  readonly settings?: () => ClientSettings;
  /** What suggests when the server cannot, or before it does, as `settings().local` says. */
  readonly localModel?: LocalModel;
  /** Every event of every stream from the server as it comes, for traces. */
  readonly onStreamEvent?: (event: StreamEvent) => void;
  /** A stream from the server is over; with the failure if it broke. */
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
  const local = createLocalTier({
    model: options.localModel,
    settings,
    onReply: () => state.update(),
    now,
    setTimer,
    newId,
  });
  const state = createStateTracker({ now, standsIn: local.standsIn });
  const cache = createCompletionCache();
  /** What the server said behind a suggestion on screen and was cut off: on screen itself it would be typed along, too. */
  const unshown = createCompletionCache(1);
  const server = createServerTier({
    transport,
    build: requests.build,
    state,
    onEvent: (event) => options.onStreamEvent?.(event),
    onEnd: ended,
    setTimer,
  });
  const watch = watchServer(transport, state, setTimer);
  const lifetime = createLifetime({ record: options.record, onLeft: left, now, setTimer, newId });
  const extendedListeners = new Set<(viewId: string) => void>();
  let current: Call | undefined;
  let screen: Screen | undefined;
  let isDisposed = false;

  async function answer(query: CompletionQuery, signal: AbortSignal): Promise<Outcome> {
    const { document, trigger } = query;
    if (!hasCursor(document)) return { kind: 'empty', reason: 'no-cursor' };

    const chosen = settings();
    const rules = textRules.with(chosen.exclude ?? []);
    if (rules.isExcluded(document.path)) return { kind: 'empty', reason: 'excluded' };

    const asked = toQuestion(query, { settings: chosen, rules, gather: requests.gather, at: now(), signal });
    const typedThrough = fromScreen(asked);
    if (typedThrough) return typedThrough;
    leaveScreen();

    const reused = await fromCache(asked);
    if (reused) return reused;

    if (server.isSilent(asked)) return { kind: 'empty', reason: 'silent' };

    const standIn = state.away(trigger) && (await insteadOfServer(asked));
    if (standIn) return standIn;

    const early = local.isInstant(trigger) && !state.needsUser() ? askLocal(asked) : undefined;
    const outcome = await fromServer(asked, early);
    return isForLocal(outcome) ? ((await fromLocal(asked, early)) ?? outcome) : outcome;
  }

  /** The suggestion on screen, or the rest of it when the user typed along. */
  function fromScreen(asked: Question): Outcome | undefined {
    if (!screen || screen.offer.answer.candidates < asked.candidates) return undefined;
    const fit = screen.offer.fit(asked.document);
    if (fit.kind === 'no-fit') return undefined;
    if (fit.kind === 'nothing-left') return { kind: 'empty', reason: 'trimmed' };
    askAgainBehind(screen, asked);
    return suggest(screen, fit.placements, 'typed', asked);
  }

  /** Goes on asking the server behind a text that the local model was sure of, as it would with its own on screen. */
  function askAgainBehind(on: Screen, asked: Question): void {
    const { follower } = on.offer;
    if (!follower || !isSpent(follower, asked.document) || server.isSilent(asked) || state.away(asked.trigger)) return;
    const next = server.ask(asked);
    on.offer.follow(next, asked.document);
    on.release();
    on.release = next.retain();
  }

  async function fromCache(asked: Question): Promise<Outcome | undefined> {
    const { document, candidates } = asked;
    const found = cache.find(document, candidates) ?? unshown.find(document, candidates);
    return found && settle(place({ ...found, typed: found.progress.typed, source: 'cache' }, asked), asked);
  }

  /** The request under way if it fits, or else a new one; or what `early` says, if it is sure of it sooner. */
  async function fromServer(asked: Question, early: Placed | undefined): Promise<Outcome> {
    const underWay = server.inFlight(asked);
    const joined = underWay && (await settle(place({ ...underWay, source: 'inflight' }, asked), asked, early));
    if (joined) return joined;
    server.abort();

    const heldBack = asked.trigger === 'automatic' ? state.heldBack() : undefined;
    if (heldBack) return { kind: 'failed', failure: heldBack };
    const sent = place({ answer: server.ask(asked), typed: '', source: 'network' }, asked);
    const fresh = await settle(sent, asked, early);
    return fresh ?? { kind: 'empty', reason: 'trimmed' };
  }

  function ended(answer: Answer, end: AnswerEnd): void {
    if (answer.isNatural()) cache.put(answer);
    else if (end.kind === 'done' && screen?.offer.follower === answer) unshown.put(answer);
    if (end.kind !== 'aborted') options.onStreamEnd?.(end.kind === 'failed' ? end.failure : undefined);
    // The caller may not have its suggestion in hand yet: a timer comes after every promise.
    if (isOnScreen(answer)) setTimer(() => announceGrowth(answer), 0);
  }

  /** What the local model says while the server is away; undefined when it cannot stand in. */
  function insteadOfServer(asked: Question): Promise<Outcome | undefined> {
    // Who asks by hand may have mended it; a server that is back is no surprise then.
    if (asked.trigger === 'manual' && local.standsIn()) watch.look();
    return fromLocal(asked, undefined);
  }

  async function fromLocal(asked: Question, early: Placed | undefined): Promise<Outcome | undefined> {
    if (!local.standsIn()) return undefined;
    const outcome = await settle(early ?? askLocal(asked), asked);
    return outcome?.kind === 'failed' ? undefined : outcome;
  }

  function askLocal(asked: Question): Placed {
    return place(local.ask(asked), asked);
  }

  /**
   * Waits until `placed` is worth showing or done, or `early` is sure sooner. Undefined when what was typed before it came
   * disagrees.
   */
  async function settle(placed: Placed, asked: Question, early?: Placed): Promise<Outcome | undefined> {
    const { document, signal } = asked;
    const { answer } = placed.offer;
    const answers = early ? [answer, early.offer.answer] : [answer];
    const decide = (): Decision | undefined => {
      const verdict = verdictOf(placed.offer, document);
      const sure = verdict || !early ? undefined : local.sureFit(early.offer, document);
      return sure ? { kind: 'early', placements: sure } : verdict;
    };
    const release = answer.retain();
    let stopWaiting: (() => void) | undefined;
    try {
      await until(answers, () => (answer.isAsked ? true : decide()), signal);
      if (answer.origin === 'server' && !answer.end && !decide()) stopWaiting = state.wait();
      await until(answers, decide, signal);
      // More may have come since the promise was resolved.
      const decision = decide();
      if (decision?.kind === 'early' && early) return show(early, decision.placements, asked, answer);
      if (decision?.kind === 'shows') return show(placed, decision.placements, asked);
      if (decision?.kind === 'aborted') {
        // With the call itself: that has a reason of its own.
        signal.throwIfAborted();
        return { kind: 'cancelled', reason: 'superseded' };
      }
      return decision?.kind === 'empty' || decision?.kind === 'failed' ? decision : undefined;
    } finally {
      release();
      stopWaiting?.();
    }
  }

  function show({ offer, source }: Placed, placements: Placements, asked: Question, follower?: Answer): Outcome {
    const { document } = asked;
    if (follower) offer.follow(follower, document);
    screen = { offer, release: (follower ?? offer.answer).retain(), document, texts: new Map(), viewIds: [] };
    return suggest(screen, placements, source, asked);
  }

  function suggest(on: Screen, placements: Placements, source: Source, asked: Question): Outcome {
    const { document } = asked;
    const placeView = (placement: Placement): Suggestion => {
      const suggestion = toSuggestion(on.offer, placement, source, asked);
      const { text, typedLength, end } = placement;
      lifetime.place({
        suggestion,
        uri: document.uri,
        language: document.language,
        trigger: asked.trigger,
        extendedBy: on.offer.extendedBy,
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
    const suggestions: [Suggestion, ...Suggestion[]] = [placeView(first), ...others.map(placeView)];
    // The alternative that is being looked at stays first while the user types along.
    suggestions.sort((a, b) => Number(lifetime.isVisible(b.viewId)) - Number(lifetime.isVisible(a.viewId)));
    on.document = document;
    on.texts = new Map(placements.map(({ index, text }) => [index, text]));
    on.viewIds = suggestions.map((suggestion) => suggestion.viewId);
    return { kind: 'suggested', suggestions };
  }

  function toSuggestion(offer: Offer, placement: Placement, source: Source, asked: Question): Suggestion {
    const { index, text, typedLength, end } = placement;
    const { completion_id, model, region } = offer.answer.start!;
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
      complete: offer.hasEnded(index),
    };
  }

  function isOnScreen(answer: Answer): boolean {
    return screen?.offer.answer === answer || screen?.offer.follower === answer;
  }

  function announceGrowth(answer: Answer): void {
    if (!screen || !isOnScreen(answer)) return;
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
        // What was asked for this call only ends with it.
        call.controller.abort();
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
    check: watch.look,
    state: state.current,
    onStateChange: state.subscribe,
    onExtended(listener) {
      extendedListeners.add(listener);
      return () => extendedListeners.delete(listener);
    },
    reset() {
      leaveScreen();
      server.reset();
      local.reset();
      cache.clear();
      unshown.clear();
      watch.stop();
      state.reset();
    },
    dispose() {
      isDisposed = true;
      cancel('disposed');
      server.abort();
      lifetime.dispose();
      extendedListeners.clear();
      watch.stop();
      state.dispose();
    },
  };
}

/** An answer placed where it was asked for. */
interface Placed {
  readonly offer: Offer;
  /** Where it comes from, when it is shown for the first time. */
  readonly source: Source;
}

/** What ends the wait for an answer. */
type Decision = Verdict | { readonly kind: 'early'; readonly placements: Placements };

interface Call {
  readonly controller: AbortController;
  cancelled: CancelReason | undefined;
}

/** What was last handed to the editor, and with which texts. */
interface Screen {
  readonly offer: Offer;
  /** Lets go of what may still grow. */
  release: () => void;
  document: DocumentSnapshot;
  texts: ReadonlyMap<number, string>;
  viewIds: readonly string[];
}

function hasCursor({ text, cursor }: DocumentSnapshot): boolean {
  return Number.isInteger(cursor) && cursor >= 0 && cursor <= text.length && !splitsPair(text, cursor);
}

interface Found {
  readonly answer: Answer;
  /** What of it was typed since it was asked for. */
  readonly typed: string;
  readonly source: Source;
}

function place({ answer, typed, source }: Found, { document }: Question): Placed {
  return { offer: placeAnswer(answer, typed, document), source };
}

/** The local model says everything at once: alternatives need not be announced one after the other. */
function verdictOf(offer: Offer, document: DocumentSnapshot): Verdict | undefined {
  return offer.answer.origin === 'local' && !offer.answer.end ? undefined : offer.verdict(document);
}

/** The server does not say anything now, and the user need not do anything about it. */
function isForLocal(outcome: Outcome): boolean {
  if (outcome.kind === 'failed') return passesByItself(outcome.failure);
  return outcome.kind === 'empty' && outcome.reason === 'use_local';
}
