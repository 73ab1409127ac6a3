import { type SetTimer } from '../timer.ts';
import type { CompletionClient, DocumentSnapshot, OpenDocument, Outcome, Transport } from '../types.ts';
import type { ReplayClock } from './clock.ts';
import { type Ghost, afterChange, redraw } from './ghost.ts';
import { DWELL_MS, PAUSE_MS, TYPE_THROUGH_MS, type Tally, type WallTimes, emptyTally } from './measure.ts';
import type { RecordedEdit } from './recording.ts';
import { type Scene, type Script, type Step, uriOf } from './script.ts';
import type { CostedServer } from './server/costs.ts';
import { type Agreement, type UserOptions, agreementOf, createUser, isWorthIt, readingMs } from './user.ts';

/** What a replay needs of a client: ours, or a policy to compare with. */
export type ReplayClient = Pick<
  CompletionClient,
  'complete' | 'changed' | 'shown' | 'accepted' | 'dismissed' | 'onExtended' | 'dispose'
>;

/** What a client is made from, so that two replays are equal. */
export interface ClientSeams {
  readonly transport: Transport;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** UUIDs of version 7, counted. */
  readonly newId: () => string;
}

export interface ReplayOptions {
  readonly openClient: (seams: ClientSeams) => ReplayClient;
  readonly server: CostedServer;
  readonly clock: ReplayClock;
  readonly user?: UserOptions;
  /** How many times as fast the typist is; 1 by default. */
  readonly speed?: number;
  /** Told before each step which one it is. */
  readonly onStep?: (step: number) => void;
  readonly onTrace?: (entry: TraceEntry) => void;
  /** Ends the replay where it is. */
  readonly signal?: AbortSignal;
}

/** What happened, in order; `at` in ms since the replay began. */
export type TraceEntry = { readonly at: number } & (
  | { readonly kind: 'key'; readonly step: number; readonly change: Omit<RecordedEdit, 't_ms' | 'kind' | 'path'> }
  | { readonly kind: 'move' | 'look' | 'dismiss'; readonly step: number }
  | { readonly kind: 'answered'; readonly askedAt: number; readonly outcome: Outcome; readonly stale: boolean }
  | { readonly kind: 'screen'; readonly change: ScreenChange; readonly text: string }
  | { readonly kind: 'took'; readonly text: string; readonly whole: boolean; readonly saved: number }
);

export type ScreenChange =
  | 'appeared'
  | 'grown'
  | 'different'
  | 'vanished'
  | 'typed-out'
  | 'disagreed'
  | 'left'
  | 'accepted';

export interface ReplayReport {
  readonly tally: Tally;
  readonly wall: WallTimes;
}

/** Built into VS Code's core: it asks so long after a change of the document, and not before. */
const CORE_DEBOUNCE_MS = 50;
/** The quickest that anybody goes on typing after Tab. */
const AFTER_TAB_MS = 120;
/** What comes up after the last key still counts. */
const AFTERWARDS_MS = 1000;

/** A text on screen from its first sight to its end. */
interface View {
  ghost: Ghost;
  readonly since: number;
  accepted: boolean;
  /** When the user will have read it. */
  readAt: number;
  cancelReading: () => void;
}

/**
 * Replays a recording through a client, in an editor that behaves as VS Code's core does: it asks 50 ms after each change
 * and not at a moved cursor, cancels its last question at each change, keeps ghost text as long as it is typed along, and
 * shows what it is given. Resolves when the recording is over.
 */
export async function replay(script: Script, options: ReplayOptions): Promise<ReplayReport> {
  const { server, clock, speed = 1, onStep, onTrace, signal } = options;
  const { now, setTimer } = clock;
  const user = createUser(options.user);
  const began = now();
  const tally = emptyTally();
  const typeThroughMs: number[] = [];
  const texts = new Map(script.documents.map((document) => [document.path, document]));
  const recent: string[] = script.documents.map(({ path }) => path);
  const client = options.openClient({ transport: server.transport, now, setTimer, newId: countIds() });
  const finished = Promise.withResolvers<void>();

  let scene: Scene = script.start;
  let next = 0;
  let view: View | undefined;
  let token = new AbortController();
  let cancelDebounce: (() => void) | undefined;
  let cancelStep: (() => void) | undefined;
  /** A question that nobody has answered yet. */
  let isAsking = false;
  let lastChangeAt = began;
  let lastKeyAt = began;
  /** How long something was on screen since the last key. */
  let coveredMs = 0;
  /** The last change typed along what is on screen. */
  let typesThrough = false;
  /** Nothing was typed since the last acceptance. */
  let justAccepted = false;

  function trace(entry: DistributiveOmit<TraceEntry, 'at'>): void {
    onTrace?.({ at: now() - began, ...entry });
  }

  // The screen.

  function appear(ghost: Ghost): void {
    view = { ghost, since: now(), accepted: false, readAt: now(), cancelReading: () => undefined };
    tally.shown += 1;
    tally.keystrokeToTextMs.push(now() - lastChangeAt);
    trace({ kind: 'screen', change: 'appeared', text: ghost.text });
    read(view, readingMs(user, ghost.text));
  }
  function leave(change: ScreenChange): void {
    if (!view) return;
    const { ghost, since, accepted, cancelReading } = view;
    cancelReading();
    if (accepted || now() - since >= DWELL_MS) tally.shownInTime += 1;
    coveredMs += now() - Math.max(since, lastKeyAt);
    trace({ kind: 'screen', change, text: ghost.text });
    view = undefined;
  }
  function show(outcome: Outcome): void {
    const suggestion = outcome.kind === 'suggested' ? outcome.suggestions[0] : undefined;
    const ghost = suggestion && fitting({ suggestion, text: suggestion.text, end: suggestion.range.end });
    if (!suggestion || !ghost) {
      if (outcome.kind === 'cancelled' || !view) return;
      const { viewId } = view.ghost.suggestion;
      tally.vanished += 1;
      leave('vanished');
      client.dismissed(viewId, 'ignored', 'inferred');
      return;
    }
    const how = view ? redraw(view.ghost, ghost, scene) : 'different';
    if (view && how === 'different') {
      tally.flickers += 1;
      leave('different');
    }
    if (!view) appear(ghost);
    else {
      const grownBy = how === 'grown' ? ghost.text.length - view.ghost.text.length : 0;
      view.ghost = ghost;
      if (how === 'grown') trace({ kind: 'screen', change: 'grown', text: ghost.text });
      if (how === 'grown') read(view, Math.max(0, view.readAt - now()) + user.readMsPerChar * grownBy);
    }
    client.shown(suggestion, 'inferred');
  }
  /** What an editor cannot show is not shown. */
  function fitting(ghost: Ghost): Ghost | undefined {
    const { start } = ghost.suggestion.range;
    return start === scene.cursor && ghost.end >= start && ghost.text !== '' ? ghost : undefined;
  }

  // The core's questions.

  function ask(): void {
    const asked = new AbortController();
    const askedAt = now();
    const isThrough = typesThrough && view !== undefined;
    const { path, text, cursor } = scene;
    const { language } = texts.get(path)!;
    const document: DocumentSnapshot = { uri: uriOf(path), path, language, text, cursor };
    token = asked;
    isAsking = true;
    typesThrough = false;
    tally.asked += 1;
    if (isThrough) tally.typedThrough += 1;
    const openDocuments = () => recent.filter((other) => other !== path).map(openDocument);
    const beganAt = performance.now();
    const answered = (outcome: Outcome): void => {
      const tookMs = performance.now() - beganAt;
      const stale = asked.signal.aborted;
      trace({ kind: 'answered', askedAt: askedAt - began, outcome, stale });
      if (token === asked) isAsking = false;
      if (outcome.kind === 'suggested') {
        const { source } = outcome.suggestions[0];
        if (source !== 'network') tally.reused[source] += 1;
        if (isThrough && now() - askedAt <= TYPE_THROUGH_MS) {
          tally.typedThroughAtOnce += 1;
          typeThroughMs.push(tookMs);
        }
      }
      if (!stale) show(outcome);
    };
    client.complete({ document, trigger: 'automatic', openDocuments }, asked.signal).then(answered, finished.reject);
  }
  function openDocument(path: string): OpenDocument {
    return { uri: uriOf(path), ...texts.get(path)! };
  }
  function cancelQuestion(): void {
    token.abort();
    isAsking = false;
    cancelDebounce?.();
    cancelDebounce = undefined;
  }
  function askSoon(): void {
    cancelDebounce = setTimer(() => {
      cancelDebounce = undefined;
      ask();
    }, CORE_DEBOUNCE_MS);
  }

  // What the user does.

  function change(step: Extract<Step['action'], { kind: 'edit' }>['change'], after: Scene): void {
    cancelQuestion();
    const before = scene;
    typesThrough = false;
    arrive(after);
    lastChangeAt = now();
    if (view) {
      const fate = before.path === after.path ? afterChange(view.ghost, step, before, after) : undefined;
      if (fate?.kind === 'stays') {
        view.ghost = fate.ghost;
        typesThrough = true;
      } else leave(fate?.kind === 'typed-out' ? 'typed-out' : 'disagreed');
    }
    client.changed(step);
    askSoon();
  }
  function arrive(at: Scene): void {
    scene = at;
    const { language } = texts.get(at.path)!;
    texts.set(at.path, { path: at.path, language, text: at.text });
    if (recent[0] !== at.path) recent.unshift(...recent.splice(recent.indexOf(at.path), 1));
  }
  /** A stroke of a key, at the end of a pause or not. */
  function press(goesOn: boolean): void {
    const pauseMs = now() - lastKeyAt;
    if (goesOn && pauseMs >= PAUSE_MS) {
      const onScreenMs = coveredMs + (view ? now() - Math.max(view.since, lastKeyAt) : 0);
      tally.pauses += 1;
      if (onScreenMs >= DWELL_MS) tally.pausesCovered += 1;
    }
    lastKeyAt = now();
    coveredMs = 0;
  }
  function takeStep(): void {
    const { action, scene: after } = script.steps[next]!;
    const index = next;
    onStep?.(index);
    next += 1;
    if (action.kind === 'look') {
      trace({ kind: 'look', step: index });
      const agreement = view && agreementOf(script, next, scene, view.ghost);
      if (view && agreement && agreement.saved > 0) return take(view, agreement);
    } else if (action.kind === 'dismiss') {
      trace({ kind: 'dismiss', step: index });
      press(false);
      hide('rejected');
    } else if (action.kind === 'move') {
      trace({ kind: 'move', step: index });
      if (after.cursor !== scene.cursor || after.path !== scene.path) {
        press(false);
        hide('ignored');
      }
      arrive(after);
    } else {
      const { uri: _uri, ...changed } = action.change;
      trace({ kind: 'key', step: index, change: changed });
      press(isTypedOn(action, scene));
      tally.keys += 1;
      justAccepted = false;
      change(action.change, after);
    }
    scheduleStep(0);
  }
  /** The session of the core is over: nothing on screen, nothing asked, until something is typed again. */
  function hide(why: 'rejected' | 'ignored'): void {
    cancelQuestion();
    if (!view) return;
    const { viewId } = view.ghost.suggestion;
    leave('left');
    client.dismissed(viewId, why, why === 'rejected' ? 'measured' : 'inferred');
  }
  function scheduleStep(atLeastMs: number): void {
    const step = script.steps[next];
    if (step) cancelStep = setTimer(takeStep, Math.max(atLeastMs, step.afterMs / speed));
    else cancelStep = setTimer(finished.resolve, AFTERWARDS_MS);
  }
  /** Reads what is on screen, and takes it if it is what was to come and worth a key. */
  function read(what: View, ms: number): void {
    what.cancelReading();
    what.readAt = now() + ms;
    what.cancelReading = setTimer(() => {
      if (view !== what || (user.attention === 'marks' && !justAccepted)) return;
      const agreement = agreementOf(script, next, scene, what.ghost);
      if (agreement && isWorthIt(user, agreement)) take(what, agreement);
    }, ms);
  }
  function take(what: View, { text, whole, presses, next: goOnAt, saved }: Agreement): void {
    cancelStep?.();
    const { suggestion, end } = what.ghost;
    const uri = uriOf(scene.path);
    what.accepted = true;
    tally.keys += presses.length;
    tally.acceptedChars += text.length;
    tally[whole ? 'accepted' : 'acceptedInPart'] += 1;
    trace({ kind: 'took', text, whole, saved });
    onStep?.(goOnAt);
    next = goOnAt;
    press(true);
    justAccepted = true;
    const before = scene.text;
    if (whole) {
      const cursor = scene.cursor + text.length;
      const deleted = end - scene.cursor;
      leave('accepted');
      change(
        { uri, offset: scene.cursor, deleted, inserted: text },
        { ...scene, text: before.slice(0, scene.cursor) + text + before.slice(end), cursor },
      );
      client.accepted(suggestion.viewId, 'measured');
    } else {
      for (const inserted of presses) {
        const { path, cursor, text: now } = scene;
        change(
          { uri, offset: cursor, deleted: 0, inserted },
          { path, text: now.slice(0, cursor) + inserted + now.slice(cursor), cursor: cursor + inserted.length },
        );
      }
    }
    scheduleStep(AFTER_TAB_MS);
  }

  const stopListening = client.onExtended((viewId) => {
    // Asked again for the same place; not while an answer is awaited that will show it anyway.
    if (view?.ghost.suggestion.viewId === viewId && !isAsking && !cancelDebounce) ask();
  });
  const stop = () => finished.reject(signal!.reason as Error);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    scheduleStep(0);
    await clock.run(finished.promise);
  } finally {
    signal?.removeEventListener('abort', stop);
    cancelStep?.();
    hide('ignored');
    stopListening();
    client.dispose();
  }
  tally.durationMs = now() - began - AFTERWARDS_MS;
  tally.unaidedMs = script.steps.reduce((sum, { afterMs }) => sum + afterMs / speed, 0);
  tally.keysUnaided = script.steps.filter(({ action }) => action.kind === 'edit').length;
  tally.costs = server.costs;
  return { tally, wall: { typeThroughMs } };
}

/** True when the user goes on writing where the cursor is. */
function isTypedOn({ change }: Extract<Step['action'], { kind: 'edit' }>, { cursor }: Scene): boolean {
  return change.offset === cursor && change.deleted === 0;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function countIds(): () => string {
  let count = 0;
  return () => `00000000-0000-7000-8000-${String(count++).padStart(12, '0')}`;
}
