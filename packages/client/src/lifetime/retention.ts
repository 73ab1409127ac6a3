import { RETENTION_S, type TelemetryEvent } from '@ghostline/protocol';
import type { SetTimer } from '../timer.ts';
import type { DocumentChange } from '../types.ts';
import { type ViewIdentity, commonFields } from './events.ts';
import { lexemesOf } from './lexemes.ts';
import { type Place, type Span, afterChange, without } from './place.ts';
import { remainsOf } from './remains.ts';

type How = TelemetryEvent['how'];

/** Timers stand still while a machine sleeps: what is measured later than this is not what stood there then. */
const LATE_SHARE = 0.1;
const LATE_MS = 2000;
/** What somebody who takes a suggestion every six seconds has taken in ten minutes; in all half a megabyte of text. */
const MAX_TEXTS = 100;
const MAX_CHARS = 250_000;

/** What a language server says of a part of a document. */
export interface Unresolved {
  readonly identifiers: number;
  readonly imports: number;
}

export interface RetentionOptions {
  readonly record: (event: TelemetryEvent) => void;
  /** The text of a document as `changed` counts its offsets, now; undefined while it is closed. */
  readonly textOf: (uri: string) => string | undefined;
  /** How many identifiers and imports in `range` do not resolve; undefined when no language server has looked. */
  readonly unresolvedIn?: ((uri: string, range: Span) => Unresolved | undefined) | undefined;
  /** Whether texts may be kept to be measured at all; true by default. */
  readonly mayMeasure?: (() => boolean) | undefined;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly newId: () => string;
}

/** A text that has just gone into a document. */
export interface EnteredText {
  readonly uri: string;
  readonly start: number;
  readonly text: string;
  /** False when the changes of the document do not show it: it is looked for around `start`. */
  readonly certain: boolean;
}

/** Looks again and again at what was accepted, and says how much of it is left. The only place that keeps source text. */
export interface Retention {
  /** Follows a text from here on; one of the same view that was accepted before goes on until this one is. */
  entered(viewId: string, entered: EnteredText): void;
  /** What has entered last was accepted, at `at`: it is measured from now on, together with what was before. */
  accepted(view: ViewIdentity, how: How, at: number): void;
  /** What has entered last was not accepted. */
  typed(viewId: string): void;
  changed(change: DocumentChange): void;
  /** Forgets every text. */
  clear(): void;
}

interface Followed {
  readonly uri: string;
  readonly text: string;
  place: Place;
  /** Length of the document when it was last seen, and what changes have made of it: unequal, some were missed. */
  documentLength: number | undefined;
}

interface Measured {
  readonly view: ViewIdentity;
  readonly how: How;
  followed: Followed;
  readonly acceptedAt: number;
  /** Index into `RETENTION_S` of the next look. */
  next: number;
  cancel: () => void;
}

export function createRetention(options: RetentionOptions): Retention {
  const { record, textOf, unresolvedIn, mayMeasure = () => true, now, setTimer, newId } = options;
  /** By view. Accepted, oldest first. */
  const measured = new Map<string, Measured>();
  /** In their documents, but not yet known to have been accepted. */
  const entering = new Map<string, Followed>();

  function* everything(): Iterable<Followed> {
    for (const { followed } of measured.values()) yield followed;
    yield* entering.values();
  }

  function schedule(one: Measured): void {
    const seconds = RETENTION_S[one.next];
    if (seconds === undefined) return forget(one);
    const waitMs = one.acceptedAt + seconds * 1000 - now();
    // A clock that was set back by more than a view lives would keep the text for as long.
    if (waitMs > seconds * 1000 + LATE_MS) return forget(one);
    one.cancel = setTimer(() => look(one, seconds), Math.max(0, waitMs));
  }

  function look(one: Measured, seconds: number): void {
    if (!mayMeasure()) return forget(one);
    one.next += 1;
    const lateMs = now() - one.acceptedAt - seconds * 1000;
    if (Math.abs(lateMs) <= Math.max(LATE_MS, seconds * 1000 * LATE_SHARE)) measure(one, seconds);
    schedule(one);
  }

  function measure({ view, how, followed }: Measured, seconds: number): void {
    const text = textOf(followed.uri);
    if (text === undefined) return;
    if (followed.documentLength !== undefined && followed.documentLength !== text.length) {
      followed.place = { ...followed.place, certain: false, fresh: 'unknown' };
    }
    followed.documentLength = text.length;
    const { ratio, range } = remainsOf(followed.text, text, followed.place);
    // Found: it is followed from there, and what else came in before is not it.
    if (range)
      followed.place = { range: isAt(range, followed.place) ? followed.place.range : range, certain: true, fresh: [] };
    const unresolved = range && unresolvedIn?.(followed.uri, range);
    record({
      ...commonFields(view, how, now(), newId()),
      type: 'completion-retained',
      after_s: seconds,
      edit_ratio: Math.round(ratio * 10_000) / 10_000,
      ...(unresolved && {
        unresolved_identifiers: unresolved.identifiers,
        unresolved_imports: unresolved.imports,
      }),
    });
  }

  function forget(one: Measured): void {
    one.cancel();
    if (measured.get(one.view.viewId) === one) measured.delete(one.view.viewId);
  }

  function makeRoom(): void {
    let chars = [...everything()].reduce((sum, { text }) => sum + text.length, 0);
    for (const one of measured.values()) {
      if (measured.size <= MAX_TEXTS && chars <= MAX_CHARS) return;
      chars -= one.followed.text.length;
      forget(one);
    }
  }

  return {
    entered(viewId, { uri, start, text, certain }) {
      // Layout has no lexemes: there is nothing to compare.
      if (!mayMeasure() || lexemesOf(text).words.length === 0) return void entering.delete(viewId);
      const range = { start, end: start + text.length };
      for (const other of everything()) if (other.uri === uri) other.place = without(other.place, range);
      const fresh = certain ? [] : ('unknown' as const);
      entering.set(viewId, { uri, text, place: { range, certain, fresh }, documentLength: undefined });
    },
    accepted(view, how, at) {
      const followed = entering.get(view.viewId);
      entering.delete(view.viewId);
      if (!followed) return;
      const before = measured.get(view.viewId);
      if (before) forget(before);
      // Once it was looked at, its clock goes on: a view is measured once at each time.
      const goesOn = before && before.next > 0;
      const one: Measured = {
        view,
        how,
        followed,
        acceptedAt: goesOn ? before.acceptedAt : at,
        next: goesOn ? before.next : 0,
        cancel: () => undefined,
      };
      measured.set(view.viewId, one);
      makeRoom();
      if (measured.has(view.viewId)) schedule(one);
    },
    typed: (viewId) => void entering.delete(viewId),
    changed(change) {
      for (const followed of everything()) {
        if (followed.uri !== change.uri) continue;
        followed.place = afterChange(followed.place, change);
        if (followed.documentLength !== undefined) followed.documentLength += change.inserted.length - change.deleted;
      }
    },
    clear() {
      for (const one of measured.values()) one.cancel();
      measured.clear();
      entering.clear();
    },
  };
}

/** It stands where it was carried to, perhaps changed at its edges. */
function isAt(found: Span, { range, certain }: Place): boolean {
  return certain && found.start < range.end && found.end > range.start;
}
