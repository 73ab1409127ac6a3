import type { CompletionRequest, StreamEvent, TelemetryEvent } from '@ghostline/protocol';
import type { Syntax } from '@ghostline/syntax';
import { v7 } from 'uuid';
import { createAhead } from './ahead.ts';
import { createRequestBuilder } from './context/request.ts';
import { type IsIgnored, createTextRules } from './context/text-rules.ts';
import { type LifetimeOptions, createLifetime } from './lifetime/lifetime.ts';
import { createLocalTier } from './local/local-tier.ts';
import type { Answer, AnswerEnd } from './policy/answer.ts';
import { createCompletionCache } from './policy/completion-cache.ts';
import { closedTo, gateAt } from './policy/gate.ts';
import { createHabits } from './policy/habits.ts';
import { createLatency } from './policy/latency.ts';
import { type Offer, type Placements, placeAnswer } from './policy/offer.ts';
import { paceOf } from './policy/pace.ts';
import { createSentAway } from './policy/sent-away.ts';
import { isSpent } from './policy/spent.ts';
import { createTyping } from './policy/typing.ts';
import { until } from './policy/until.ts';
import { type Question, type QuestionOptions, toQuestion } from './question.ts';
import { type Placed, createScreen } from './screen.ts';
import { createServerPolicy } from './server-policy.ts';
import { createServerTier } from './server-tier.ts';
import { watchServer } from './server-watch.ts';
import { createSettle } from './settle.ts';
import { createStateTracker, passesByItself } from './state.ts';
import { splitsPair } from './text/lines.ts';
import { type SetTimer, realTimer } from './timer.ts';
import { type KeystrokeTrace, type TraceDetails, createKeystrokeLog } from './trace/keystroke-log.ts';
import { failureOf } from './transport/error.ts';
import type {
  ClientFailure,
  ClientSettings,
  CompletionClient,
  CompletionQuery,
  DocumentSnapshot,
  Gate,
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
  /** What ignore files and rules of the organisation keep in the editor. */
  readonly isIgnored?: IsIgnored;
  /** Grammars to look at the code with; lines and brackets tell what these do not. */
  readonly syntax?: Pick<Syntax, 'at' | 'errorsAdded'>;
  /** What suggests when the server cannot, or before it does, as `settings().local` says. */
  readonly localModel?: LocalModel;
  /** The text of a document at hand, with the offsets that `changed` counts: without it, nothing tells what is kept. */
  readonly textOf?: LifetimeOptions['textOf'];
  /** How many names in a part of a document a language server does not know; undefined when none has looked. */
  readonly unresolvedIn?: LifetimeOptions['unresolvedIn'];
  /** Whether accepted texts may be kept in memory to see what becomes of them: not while telemetry is off. */
  readonly mayMeasure?: LifetimeOptions['mayMeasure'];
  /** Every event of every stream from the server as it comes, for traces. */
  readonly onStreamEvent?: (event: StreamEvent) => void;
  /** A stream from the server is over; with the failure if it broke. */
  readonly onStreamEnd?: (failure: ClientFailure | undefined) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set, for how long things take: `now` if that is given, else `performance.now`. */
  readonly elapsed?: () => number;
  readonly setTimer?: SetTimer;
  /** UUIDs of version 7. */
  readonly newId?: () => string;
}

const noSettings = (): ClientSettings => ({});

type CancelReason = Extract<Outcome, { kind: 'cancelled' }>['reason'];

/** Keystroke → ghost text. The steps are those of `answer`, in order. */
export function createCompletionClient(options: CompletionClientOptions): CompletionClient {
  const { transport, settings = noSettings, now = Date.now, setTimer = realTimer, newId = v7 } = options;
  const { elapsed = options.now ?? (() => performance.now()) } = options;
  const textRules = createTextRules(options.isIgnored);
  const requests = createRequestBuilder({
    sessionId: newId(),
    workspaceId: options.workspaceId,
    client: options.clientInfo,
    now,
    setTimer,
  });
  const policy = createServerPolicy(transport, now);
  const typing = createTyping(elapsed);
  const habits = createHabits(elapsed);
  const latency = createLatency();
  const keystrokes = createKeystrokeLog(now, elapsed);
  const local = createLocalTier({
    model: options.localModel,
    settings,
    onReply: () => state.update(),
    now: elapsed,
    setTimer,
    newId,
  });
  const state = createStateTracker({ now: elapsed, standsIn: local.standsIn });
  const cache = createCompletionCache();
  /** What the server said behind a suggestion on screen and was cut off: on screen itself it would be typed along, too. */
  const unshown = createCompletionCache(1);
  const server = createServerTier({
    transport,
    build: requests.build,
    state,
    pace: ({ trigger, settings: { pace, delayMs, afterDeletion }, document, anchor }) =>
      paceOf({
        trigger,
        pace,
        delayMs,
        prefix: anchor().prefix,
        typing,
        afterDeletion: !afterDeletion && typing.lastChange(document.uri) === 'deleted',
        sinceChangeMs: typing.sinceChange(document.uri) ?? 0,
        expectedLatencyMs: latency.expectedMs(),
        backOff: habits.backOff(),
      }),
    latency,
    onEvent: (event) => options.onStreamEvent?.(event),
    onEnd: ended,
    now: elapsed,
    setTimer,
  });
  const watch = watchServer(transport, state, setTimer);
  const extendedListeners = new Set<(viewId: string) => void>();
  const lifetime = createLifetime({
    record,
    onLeft: (viewId) => screen.left(viewId),
    textOf: options.textOf,
    unresolvedIn: options.unresolvedIn,
    mayMeasure: options.mayMeasure,
    now,
    setTimer,
    newId,
  });
  const screen = createScreen({
    lifetime,
    onExtended: (viewId) => extendedListeners.forEach((listener) => listener(viewId)),
    onLeft: () => ahead.stop(),
    now: elapsed,
    setTimer,
  });
  const ahead = createAhead({
    screen,
    isVisible: lifetime.isVisible,
    isAnswered: (asked) => cache.find(asked) !== undefined || server.isUnderWay(asked) || server.isSilent(asked),
    mayAsk(next) {
      const { trigger, document, rules } = next;
      // As it will be asked when that is accepted: behind a gate, nobody will.
      const gate = gateAt({ ...next, trigger: 'automatic' });
      return !gate && !state.away(trigger) && !rules.isExcluded(document.path, document.uri, 'text', document.language);
    },
    ask: server.askAhead,
    odds: habits.odds,
    setTimer,
  });
  const settle = createSettle({ local, state, show, detailsOf });
  const sentAway = createSentAway();
  let current: Call | undefined;
  let isDisposed = false;

  async function answer(asked: Question, query: CompletionQuery): Promise<Outcome> {
    const { trace } = asked;
    trace.enter('gate');
    const closed = closedTo(query, asked.rules.isExcluded);
    if (closed) return { kind: 'empty', reason: closed };

    if (asked.trigger === 'manual') sentAway.forget();
    if (sentAway.isTypedAlong(asked.document)) return { kind: 'empty', reason: 'dismissed' };

    trace.enter('type-through');
    const typedThrough = fromScreen(asked, query);
    if (typedThrough) return typedThrough;
    screen.leave();

    trace.enter('cache');
    const reused = await fromCache(asked);
    if (reused) return reused;

    trace.enter('inflight');
    const gate = gateOf(asked, query);
    const early = gate ? undefined : askEarly(asked);
    const outcome = (await fromInFlight(asked, early)) ?? (await fromServer(asked, early, gate));
    if (!isForLocal(outcome) || !local.standsIn()) return outcome;

    trace.enter('local');
    return (await fromLocal(asked, early)) ?? outcome;
  }

  /** The suggestion on screen, or the rest of it when the user typed along. */
  function fromScreen(asked: Question, query: CompletionQuery): Outcome | undefined {
    const offer = screen.current()?.offer;
    const outcome = screen.again(asked);
    if (outcome && offer) asked.trace.about(() => detailsOf(offer));
    if (outcome?.kind === 'suggested') askAgainBehind(asked, query);
    return outcome;
  }

  /** Goes on asking the server behind a text that the local model was sure of, as it would with its own on screen. */
  function askAgainBehind(asked: Question, query: CompletionQuery): void {
    const follower = screen.current()?.offer.follower;
    if (!follower || !isSpent(follower, asked) || server.isSilent(asked) || state.away(asked.trigger)) return;
    if (gateOf(asked, query)) return;
    screen.follow(server.ask(asked), asked.document);
  }

  async function fromCache(asked: Question): Promise<Outcome | undefined> {
    const found = cache.find(asked) ?? unshown.find(asked) ?? (state.away(asked.trigger) && local.find(asked));
    if (!found) return undefined;
    const outcome = await settle(place({ ...found, typed: found.progress.typed, source: 'cache' }, asked), asked);
    // Who asks by hand has seen nothing of it, and wants something else.
    return outcome?.kind === 'empty' && asked.trigger === 'manual' ? undefined : outcome;
  }

  /** What the local model says, if it may be shown before the server has answered. */
  function askEarly(asked: Question): Placed | undefined {
    const { trigger } = asked;
    const isWanted = local.isInstant(trigger) && !state.needsUser() && !state.away(trigger) && !server.isSilent(asked);
    return isWanted ? askLocal(asked) : undefined;
  }

  /** The request under way if it fits; or what `early` says, if it is sure of it sooner. */
  async function fromInFlight(asked: Question, early: Placed | undefined): Promise<Outcome | undefined> {
    const underWay = server.inFlight(asked);
    return underWay && settle(place({ ...underWay, source: 'inflight' }, asked), asked, early);
  }

  /** What it says to a new request, if it pays to make one. */
  async function fromServer(asked: Question, early: Placed | undefined, gate: Gate | undefined): Promise<Outcome> {
    const { document, trigger, trace } = asked;
    server.abort();
    server.abortAhead();
    trace.enter('gate');
    if (gate) return { kind: 'empty', reason: gate };
    if (server.isSilent(asked)) return { kind: 'empty', reason: 'silent' };

    const standIn = state.away(trigger) && (await insteadOfServer(asked));
    if (standIn) return standIn;

    const heldBack = trigger === 'automatic' ? state.heldBack() : undefined;
    if (heldBack) return { kind: 'failed', failure: heldBack };

    const unknown = policy.unknown(asked.signal);
    const sure = unknown && early && (await sureBefore(unknown, early, asked));
    if (sure) {
      trace.enter('local');
      trace.about(() => detailsOf(early.offer));
      return show(early, sure, asked);
    }
    const refusal = await unknown;
    if (refusal) {
      state.failed(refusal);
      return { kind: 'failed', failure: refusal };
    }
    // Nothing may leave before that is known, and what may is known only now.
    if (asked.rules.isExcluded(document.path, document.uri, 'text', document.language))
      return { kind: 'empty', reason: 'excluded' };
    trace.enter('pace');
    const sent = place({ answer: server.ask(asked), typed: '', source: 'network' }, asked);
    const fresh = await settle(sent, asked, early);
    return fresh ?? { kind: 'empty', reason: 'trimmed' };
  }

  function ended(answer: Answer, end: AnswerEnd): void {
    if (answer.isReusable()) cache.put(answer);
    else if (end.kind === 'done' && screen.current()?.offer.follower === answer) unshown.put(answer);
    if (end.kind !== 'aborted') options.onStreamEnd?.(end.kind === 'failed' ? end.failure : undefined);
  }

  /** What the local model says while the server is away; undefined when it cannot stand in. */
  function insteadOfServer(asked: Question): Promise<Outcome | undefined> {
    // Who asks by hand may have mended it; a server that is back is no surprise then.
    if (asked.trigger === 'manual' && local.standsIn()) watch.look();
    asked.trace.enter('local');
    return fromLocal(asked, undefined);
  }

  /** Where the text of the local model would stand, if it is sure of it before the policy is known. */
  function sureBefore(known: Promise<unknown>, { offer }: Placed, { document, signal }: Question) {
    const look = () => offer.answer.end && (local.sureFit(offer, document) ?? 'unsure');
    const sure = until([offer.answer], look, signal).then((fit) => (fit === 'unsure' ? undefined : fit));
    return Promise.race([sure, known.then(() => undefined)]);
  }

  async function fromLocal(asked: Question, early: Placed | undefined): Promise<Outcome | undefined> {
    if (!local.standsIn()) return undefined;
    const outcome = await settle(early ?? askLocal(asked), asked);
    return outcome?.kind === 'failed' ? undefined : outcome;
  }

  function askLocal(asked: Question): Placed {
    return place(local.ask(asked), asked);
  }

  function show(placed: Placed, placements: Placements, asked: Question, follower?: Answer): Outcome {
    const outcome = screen.show(placed, placements, asked, follower);
    ahead.consider(asked);
    return outcome;
  }

  function record(event: TelemetryEvent): void {
    habits.learn(event);
    keystrokes.became(event);
    options.record(event);
  }

  function questionOptions(query: CompletionQuery, signal: AbortSignal, trace: KeystrokeTrace): QuestionOptions {
    const chosen = settings();
    return {
      query,
      settings: chosen,
      // As they are when something is to leave: what waits for its turn may have been asked under others.
      rules: () => textRules.with(settings().exclude ?? [], policy.exclusions()),
      gather: requests.gather,
      grammars: options.syntax,
      at: elapsed(),
      signal,
      trace,
    };
  }

  /** What the inspector says of an answer. */
  function detailsOf({ answer, filters }: Offer): TraceDetails {
    const { start, done, candidates } = answer;
    const context = server.contextOf(answer);
    if (!start) return { context, filters, answer: undefined };
    const { completion_id, model, region, endpoint, cache: serverCache } = start;
    const timings = done?.timings;
    return {
      context,
      filters,
      answer: { completionId: completion_id, model, region, endpoint, cache: serverCache, timings, candidates },
    };
  }

  function cancel(reason: CancelReason): void {
    if (!current) return;
    current.cancelled ??= reason;
    current.controller.abort();
  }

  return {
    async complete(query, signal) {
      if (isDisposed) return { kind: 'cancelled', reason: 'disposed' };
      if (signal.aborted) {
        const outcome: Outcome = { kind: 'cancelled', reason: 'editor' };
        keystrokes.begin(query).end(outcome);
        return outcome;
      }
      cancel('superseded');
      const call: Call = { controller: new AbortController(), cancelled: undefined };
      current = call;
      const onAbort = () => {
        call.cancelled ??= 'editor';
        call.controller.abort();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const trace = keystrokes.begin(query);
      let isWritten = false;
      const finish = (outcome: Outcome) => {
        if (isWritten) return outcome;
        isWritten = true;
        if (outcome.kind === 'empty' && outcome.reason === 'trimmed') trace.enter('fit');
        trace.end(outcome);
        return outcome;
      };
      try {
        const asked = toQuestion(questionOptions(query, call.controller.signal, trace));
        return finish(hasCursor(query.document) ? await answer(asked, query) : { kind: 'empty', reason: 'no-cursor' });
      } catch (error) {
        if (call.cancelled) return finish({ kind: 'cancelled', reason: call.cancelled });
        // A bug, here or in what the editor gave to be called: not to be swallowed, but no riddle either.
        finish({ kind: 'failed', failure: failureOf(error) });
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
        if (current === call) current = undefined;
        // What was asked for this call only ends with it.
        call.controller.abort();
      }
    },
    async preview(query, signal) {
      const asked = toQuestion(questionOptions(query, signal, keystrokes.begin(query)));
      await policy.unknown(signal);
      const closed = hasCursor(query.document) ? closedTo(query, asked.rules.isExcluded) : 'no-cursor';
      if (closed) return { request: undefined, gate: closed, context: undefined };
      const context = await asked.context().complete(signal);
      return {
        request: requests.preview(context, asked, asked.rules),
        gate: gateOf(asked, query),
        context: context.trace,
      };
    },
    shown: (suggestion, how) => lifetime.shown(suggestion.viewId, how),
    accepted(viewId, how) {
      lifetime.accepted(viewId, how);
      screen.left(viewId);
    },
    partiallyAccepted: lifetime.partiallyAccepted,
    forgetTexts: lifetime.forgetTexts,
    changed(change) {
      typing.changed(change);
      server.changed(change);
      lifetime.changed(change);
    },
    dismissed(viewId, why, how) {
      const on = screen.current();
      if (why === 'rejected') habits.dismissed();
      if (why === 'rejected' && on?.viewIds.includes(viewId)) sentAway.remember(on.offer.anchor, on.first.text);
      lifetime.dismissed(viewId, why, how);
      screen.left(viewId);
    },
    isExcluded: (path) => textRules.with(settings().exclude ?? [], policy.exclusions()).isExcluded(path),
    check() {
      if (!isDisposed) watch.look();
    },
    state: state.current,
    onStateChange: state.subscribe,
    onExtended(listener) {
      extendedListeners.add(listener);
      return () => extendedListeners.delete(listener);
    },
    keystrokes: keystrokes.list,
    onKeystroke: keystrokes.subscribe,
    reset() {
      screen.leave();
      sentAway.forget();
      policy.reset();
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
      screen.leave();
      policy.reset();
      server.reset();
      lifetime.dispose();
      extendedListeners.clear();
      watch.stop();
      state.dispose();
    },
  };
}

interface Call {
  readonly controller: AbortController;
  cancelled: CancelReason | undefined;
}

interface Found {
  readonly answer: Answer;
  /** What of it was typed since it was asked for. */
  readonly typed: string;
  readonly source: Suggestion['source'];
}

function hasCursor({ text, cursor }: DocumentSnapshot): boolean {
  return Number.isInteger(cursor) && cursor >= 0 && cursor <= text.length && !splitsPair(text, cursor);
}

function place({ answer, typed, source }: Found, asked: Question): Placed {
  return { offer: placeAnswer(answer, typed, asked), source };
}

function gateOf({ settings, syntax }: Question, query: CompletionQuery): Gate | undefined {
  return gateAt({ ...query, settings, syntax });
}

/** The server does not say anything now, and the user need not do anything about it. */
function isForLocal(outcome: Outcome): boolean {
  if (outcome.kind === 'failed') return passesByItself(outcome.failure);
  return outcome.kind === 'empty' && outcome.reason === 'use_local';
}
