import type { TelemetryEvent, Trigger } from '@ghostline/protocol';
import type { SetTimer } from '../timer.ts';
import type { DocumentChange, Suggestion } from '../types.ts';
import { type Region, effectOf } from './effect.ts';
import { commonFields, extentOf, latencyOf, secondsSince } from './events.ts';
import { wordBefore } from './lexemes.ts';
import { type Part, addedBy, joinedPart } from './part.ts';
import { type RetentionOptions, type Unresolved, createRetention } from './retention.ts';

export type { Unresolved };

type How = TelemetryEvent['how'];

/**
 * A reader's fixation lasts 200–250 ms (Rayner 1998): text that was there for less cannot have been read, and counting
 * it would make acceptance look worse the faster the server is.
 */
const DWELL_MS = 250;
/**
 * How long an end may turn out to be none: the editor hides and redraws a suggestion at every request (50 ms of debounce
 * and the answer), and the command that follows an acceptance takes a round trip to a remote extension host.
 */
const SETTLE_MS = 1000;
/** Views remembered after their end, for an acceptance that arrives late. */
const REMEMBERED_VIEWS = 50;

/** A suggestion that was handed to the editor, with what its events need. */
export interface PlacedView {
  readonly suggestion: Suggestion;
  readonly uri: string;
  readonly language: string;
  readonly trigger: Trigger;
  /** The server's completion that has lengthened a local one. */
  readonly extendedBy: string | undefined;
  readonly region: Region;
}

export interface LifetimeOptions {
  readonly record: (event: TelemetryEvent) => void;
  /** The user moved on from this view: nothing of it needs to be kept ready. */
  readonly onLeft: (viewId: string) => void;
  /**
   * The text of a document, with the offsets that `changed` counts; undefined while it is closed or deleted. Without this,
   * what was accepted is not measured.
   */
  readonly textOf?: RetentionOptions['textOf'] | undefined;
  readonly unresolvedIn?: RetentionOptions['unresolvedIn'];
  /** Whether accepted texts may be kept in memory to be measured: false while telemetry is off. */
  readonly mayMeasure?: RetentionOptions['mayMeasure'];
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly newId: () => string;
}

/** Turns what happens to suggestions into events: each view is counted once, and comes to one end. */
export interface Lifetime {
  /** The view this choice is on screen as, or a new one when its last view has ended. */
  viewOf(completionId: string, choice: number): string;
  place(view: PlacedView): void;
  shown(viewId: string, how: How): void;
  accepted(viewId: string, how: How): void;
  /**
   * The editor says that the first `length` characters of this suggestion are in the document, the last of them by a word,
   * a line or an entry of the completion list that was accepted; before or after `changed` shows it.
   */
  partiallyAccepted(suggestion: Suggestion, length: number): void;
  changed(change: DocumentChange): void;
  dismissed(viewId: string, why: 'rejected' | 'ignored', how: How): void;
  /** Something else is asked for than what is on screen. */
  superseded(): void;
  /** True while this view is the one on screen. */
  isVisible(viewId: string): boolean;
  /** Telemetry is off: what was accepted is no longer looked at, and its text is forgotten. */
  forgetTexts(): void;
  /** Everything on screen is gone. */
  dispose(): void;
}

interface Ending {
  readonly type: 'completion-rejected' | 'completion-ignored';
  readonly how: How;
  readonly at: number;
}

type Phase =
  | { readonly kind: 'placed' }
  | { readonly kind: 'visible' }
  /** Another choice of the same completion is on screen; this one may come back. */
  | { readonly kind: 'aside' }
  | { readonly kind: 'leaving'; readonly ending: Ending; readonly cancel: () => void }
  /** All of its text is in the document; the editor may say yet that it was accepted. */
  | { readonly kind: 'entered'; readonly byTyping: boolean; readonly at: number; readonly cancel: () => void }
  | { readonly kind: 'ended'; readonly taken: boolean };

interface Stay {
  readonly since: number;
  readonly how: How;
  readonly suggestion: Suggestion;
  readonly trigger: Trigger;
  readonly cancelDwell: () => void;
  counted: boolean;
}

/** A part of a suggestion that came into the document in one step. */
interface Step extends Part {
  readonly at: number;
}

interface View {
  readonly viewId: string;
  readonly completionId: string;
  readonly choice: number;
  placed: PlacedView;
  region: Region;
  phase: Phase;
  stay: Stay | undefined;
  /** What of its text was accepted, each character once. */
  taken: readonly Part[];
  /** The last step of typing along that may turn out to have been an acceptance. */
  typed: Step | undefined;
  /** An acceptance in part of which the editor will say that it was one. */
  held: { readonly step: Step; readonly cancel: () => void } | undefined;
  /** The editor has said that its text is accepted up to here; the change is still to come. */
  announced: { readonly upTo: number; readonly at: number } | undefined;
}

export function createLifetime(options: LifetimeOptions): Lifetime {
  const { record, onLeft, textOf, now, setTimer, newId } = options;
  const views = new Map<string, View>();
  /** How much of the text of its view came before that of a suggestion. */
  const beginnings = new WeakMap<Suggestion, number>();
  const retention = textOf && createRetention({ ...options, textOf });

  function identity(view: View) {
    const { viewId, completionId, choice } = view;
    const { language, extendedBy } = view.placed;
    return { viewId, completionId, choice, language, extendedBy };
  }
  function begin(view: View, how: How): Stay {
    return (view.stay ??= {
      since: now(),
      how,
      suggestion: view.placed.suggestion,
      trigger: view.placed.trigger,
      cancelDwell: setTimer(() => count(view), DWELL_MS),
      counted: false,
    });
  }
  function count(view: View): void {
    const { stay } = view;
    if (!stay || stay.counted) return;
    stay.counted = true;
    stay.cancelDwell();
    record({
      ...commonFields(identity(view), stay.how, now(), newId()),
      type: 'completion-shown',
      ...extentOf(view.region.text),
      latency_ms: latencyOf(stay.suggestion),
      trigger: stay.trigger,
      source: stay.suggestion.source,
    });
  }
  function leave(view: View, ending: Ending): void {
    settlePart(view, 'inferred');
    view.typed = undefined;
    view.announced = undefined;
    if (view.phase.kind === 'leaving') {
      // What the editor says replaces what was concluded, at the time it was concluded.
      if (ending.how === 'inferred' || view.phase.ending.how === 'measured') return;
      view.phase = { ...view.phase, ending: { ...ending, at: view.phase.ending.at } };
      return;
    }
    if (view.phase.kind !== 'visible' && view.phase.kind !== 'aside') return;
    const wasVisible = view.phase.kind === 'visible';
    // Typed to its end while more was expected, which did not come.
    if (wasVisible && view.region.typed === view.region.text.length) {
      enter(view, true);
      onLeft(view.viewId);
      return;
    }
    if (view.stay?.counted) {
      view.phase = { kind: 'leaving', ending, cancel: setTimer(() => end(view, ending.at), SETTLE_MS) };
    } else {
      view.stay?.cancelDwell();
      view.stay = undefined;
      view.phase = { kind: 'placed' };
    }
    if (!wasVisible) return;
    leaveSiblings(view);
    onLeft(view.viewId);
  }
  function leaveSiblings(of: View): void {
    for (const view of views.values()) {
      if (view.phase.kind === 'aside' && view.completionId === of.completionId) leave(view, ignored());
    }
  }
  function ignored(): Ending {
    return { type: 'completion-ignored', how: 'inferred', at: now() };
  }
  function end(view: View, at: number): void {
    if (view.phase.kind !== 'leaving' || !view.stay) return;
    const { ending, cancel } = view.phase;
    cancel();
    view.phase = { kind: 'ended', taken: false };
    record({
      ...commonFields(identity(view), ending.how, at, newId()),
      type: ending.type,
      ...extentOf(view.region.text),
      after_s: secondsSince(view.stay.since, at),
    });
    forgetOldest();
  }
  function take(view: View, how: How, at: number): void {
    settlePart(view, 'inferred');
    if (view.phase.kind === 'leaving' || view.phase.kind === 'entered') view.phase.cancel();
    const { text, typed } = view.region;
    const rest = { from: typed, to: text.length };
    if (view.phase.kind !== 'entered') follow(view, rest, { certain: false });
    const { since } = begin(view, how);
    count(view);
    view.phase = { kind: 'ended', taken: true };
    const accepted = addedBy(rest, view.taken);
    view.taken = [...view.taken, rest];
    record({
      ...commonFields(identity(view), how, at, newId()),
      type: 'completion-accepted',
      ...extentOf(text),
      accepted_chars: accepted,
      after_s: secondsSince(since, at),
    });
    retention?.accepted(identity(view), how, at);
    leaveSiblings(view);
    forgetOldest();
  }
  function takePart(view: View, how: How, step: Step): void {
    const { since } = begin(view, how);
    count(view);
    const accepted = addedBy(step, view.taken);
    view.taken = [...view.taken, step];
    // Deleted and accepted once more.
    if (accepted > 0) {
      record({
        ...commonFields(identity(view), how, step.at, newId()),
        type: 'completion-partially-accepted',
        accepted_chars: accepted,
        after_s: secondsSince(since, step.at),
      });
    }
    retention?.accepted(identity(view), how, step.at);
  }
  /** A part came in at once. An editor that has said that this view is shown will also say that a part was accepted. */
  function enterPart(view: View, part: Part): void {
    const step = { ...part, at: now() };
    follow(view, step);
    const { stay, announced } = view;
    view.announced = undefined;
    if (announced && step.at - announced.at <= SETTLE_MS) return takePart(view, 'measured', step);
    if (stay?.how !== 'measured') return takePart(view, 'inferred', step);
    count(view);
    view.held = { step, cancel: setTimer(() => settlePart(view, 'inferred'), SETTLE_MS) };
  }
  function settlePart(view: View, how: How): void {
    if (!view.held) return;
    const { step, cancel } = view.held;
    view.held = undefined;
    cancel();
    takePart(view, how, step);
  }
  /** Has what was accepted of this view looked at from now on: the part that comes, with those before it. */
  function follow(view: View, part: Part, { certain = true } = {}): void {
    const { region, placed } = view;
    const { from, to } = joinedPart([...view.taken, part]);
    const text = region.text.slice(from, to);
    // What it continues is a word with it.
    const begun = wordBefore(region.before + region.text.slice(0, from), text);
    const start = region.start + from - begun.length;
    retention?.entered(view.viewId, { uri: placed.uri, start, text: begun + text, certain });
  }
  /** The editor did not say that it was accepted: conclude from how the text came. */
  function conclude(view: View): void {
    if (view.phase.kind !== 'entered') return;
    const { byTyping, at } = view.phase;
    if (!byTyping) return take(view, 'inferred', at);
    view.phase.cancel();
    view.phase = { kind: 'ended', taken: true };
    retention?.typed(view.viewId);
    if (view.stay?.counted) {
      record({
        ...commonFields(identity(view), 'inferred', at, newId()),
        type: 'completion-typed-through',
        accepted_chars: view.region.text.length,
        after_s: secondsSince(view.stay.since, at),
      });
    }
    leaveSiblings(view);
    forgetOldest();
  }
  function enter(view: View, byTyping: boolean): void {
    settlePart(view, 'inferred');
    view.stay?.cancelDwell();
    follow(view, { from: view.region.typed, to: view.region.text.length });
    const { announced } = view;
    view.announced = undefined;
    if (announced && announced.upTo >= view.region.text.length && now() - announced.at <= SETTLE_MS) {
      view.phase = { kind: 'entered', byTyping, at: now(), cancel: () => undefined };
      return take(view, 'measured', now());
    }
    view.phase = { kind: 'entered', byTyping, at: now(), cancel: setTimer(() => conclude(view), SETTLE_MS) };
  }
  function forgetOldest(): void {
    for (const [viewId, view] of views) {
      if (views.size <= REMEMBERED_VIEWS) return;
      if (view.phase.kind === 'ended' || view.phase.kind === 'placed') views.delete(viewId);
    }
  }
  function supersede(): void {
    const view = visible();
    if (view) leave(view, ignored());
  }
  function visible(): View | undefined {
    return [...views.values()].find((view) => view.phase.kind === 'visible');
  }

  return {
    viewOf(completionId, choice) {
      for (const view of views.values()) {
        const isSame = view.completionId === completionId && view.choice === choice;
        if (isSame && view.phase.kind !== 'ended' && view.phase.kind !== 'entered') return view.viewId;
      }
      return newId();
    },
    place(placed) {
      const { viewId, completionId, choice } = placed.suggestion;
      beginnings.set(placed.suggestion, placed.region.typed);
      const known = views.get(viewId);
      if (known) {
        known.placed = placed;
        known.region = placed.region;
        return;
      }
      views.set(viewId, {
        viewId,
        completionId,
        choice,
        placed,
        region: placed.region,
        phase: { kind: 'placed' },
        stay: undefined,
        taken: [],
        typed: undefined,
        held: undefined,
        announced: undefined,
      });
      forgetOldest();
    },
    shown(viewId, how) {
      const view = views.get(viewId);
      if (!view || view.phase.kind === 'ended' || view.phase.kind === 'entered') return;
      const other = visible();
      if (other && other !== view) {
        if (other.completionId === view.completionId) other.phase = { kind: 'aside' };
        else leave(other, ignored());
      }
      if (view.phase.kind === 'leaving') view.phase.cancel();
      view.phase = { kind: 'visible' };
      begin(view, how);
    },
    accepted(viewId, how) {
      const view = views.get(viewId);
      if (!view || (view.phase.kind === 'ended' && view.phase.taken)) return;
      take(view, how, view.phase.kind === 'entered' ? view.phase.at : now());
    },
    partiallyAccepted(suggestion, length) {
      const view = views.get(suggestion.viewId);
      const before = beginnings.get(suggestion);
      if (!view || before === undefined) return;
      const upTo = Math.min(before + length, view.region.text.length);
      if (view.phase.kind === 'entered' && upTo === view.region.text.length)
        return take(view, 'measured', view.phase.at);
      if (view.held) return settlePart(view, 'measured');
      if (view.phase.kind !== 'visible') return;
      const { typed } = view;
      view.typed = undefined;
      if (typed && typed.to === upTo && typed.to === view.region.typed) {
        follow(view, typed);
        return takePart(view, 'measured', typed);
      }
      if (upTo > view.region.typed) view.announced = { upTo, at: now() };
    },
    changed(change) {
      retention?.changed(change);
      const view = visible();
      if (!view || view.placed.uri !== change.uri) return;
      const effect = effectOf(change, view.region);
      if (effect.kind === 'disagrees') return leave(view, { ...ignored(), type: 'completion-rejected' });
      if (effect.kind === 'erased') return leave(view, ignored());
      if (effect.kind === 'entered') {
        // Typed as far as the stream has come: the rest is still to be shown.
        const more = effect.byTyping && !view.placed.suggestion.complete;
        if (!more) return enter(view, effect.byTyping);
        view.region = { ...view.region, typed: view.region.text.length };
        return;
      }
      const { typed: from } = view.region;
      view.region = effect.region;
      if (effect.kind === 'none') return;
      settlePart(view, 'inferred');
      const part = { from, to: effect.region.typed };
      view.typed = undefined;
      if (effect.accepted > 0 || (view.announced && part.to === view.announced.upTo)) enterPart(view, part);
      else if (part.to > part.from) view.typed = { ...part, at: now() };
    },
    dismissed(viewId, why, how) {
      const view = views.get(viewId);
      if (view) leave(view, { type: `completion-${why}`, how, at: now() });
    },
    superseded: supersede,
    forgetTexts: () => retention?.clear(),
    isVisible: (viewId) => views.get(viewId)?.phase.kind === 'visible',
    dispose() {
      supersede();
      for (const view of views.values()) {
        view.stay?.cancelDwell();
        if (view.phase.kind === 'leaving') end(view, view.phase.ending.at);
        conclude(view);
      }
      views.clear();
      retention?.clear();
    },
  };
}
