import type { DocumentChange } from '../types.ts';
import type { RecordedEdit, RecordedEvent, Recording } from './recording.ts';

/** A document with the cursor in it, at one moment of a recording. */
export interface Scene {
  readonly path: string;
  readonly text: string;
  readonly cursor: number;
}

/** One thing that the user does, and what it leads to when everything before it has happened. */
export interface Step {
  /** Since the step before it, in ms. */
  readonly afterMs: number;
  readonly action: Action;
  readonly scene: Scene;
}

export type Action =
  /** One key, or one paste; `key` when a person types it in one stroke. */
  | { readonly kind: 'edit'; readonly change: DocumentChange; readonly cursor: number; readonly key: boolean }
  | { readonly kind: 'move' }
  /** A look at what is on screen. */
  | { readonly kind: 'look' }
  | { readonly kind: 'dismiss' };

/** A stretch of editing at one place: the region between `before` and `after` becomes `text`. */
export interface Run {
  readonly path: string;
  readonly before: string;
  readonly text: string;
  readonly after: string;
  /** The steps that belong to it, first to last. */
  readonly first: number;
  readonly last: number;
}

/** A recording as a sequence of steps in which every text is typed: the worst case, which suggestions can only shorten. */
export interface Script {
  readonly documents: readonly { readonly path: string; readonly language: string; readonly text: string }[];
  readonly start: Scene;
  readonly steps: readonly Step[];
  readonly runs: readonly Run[];
}

/** Pauses longer than this are no rhythm. */
const LONGEST_KEY_INTERVAL_MS = 1000;
/** 40 words a minute, for a recording without a single typed word. */
const DEFAULT_INTERVAL_MS = 300;

/** Throws on a recording that `parseRecording` would refuse. */
export function toScript(recording: Recording): Script {
  const documents = recording.filter((event) => event.kind === 'open');
  const [first] = documents;
  if (!first) throw new TypeError('a recording begins with an "open"');
  const rhythm = rhythmOf(recording);
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  const start: Scene = { path: first.path, text: first.text, cursor: 0 };
  const steps: Step[] = [];
  let scene = start;
  let last = recording[0]!.t_ms;

  function push(afterMs: number, action: Action, next: Scene): void {
    scene = next;
    texts.set(next.path, next.text);
    steps.push({ afterMs, action, scene });
  }
  function edit(afterMs: number, { path, offset, deleted, inserted }: RecordedEdit, cursor: number): void {
    const text = texts.get(path)!;
    const next = text.slice(0, offset) + inserted + text.slice(offset + deleted);
    const change = { uri: uriOf(path), offset, deleted, inserted };
    push(afterMs, { kind: 'edit', change, cursor, key: isKey(inserted, deleted) }, { path, text: next, cursor });
  }

  for (let index = 0; index < recording.length; index++) {
    const event = recording[index]!;
    const afterMs = event.t_ms - last;
    last = event.t_ms;
    if (event.kind === 'edit') {
      const placed = cursorWith(recording, index);
      if (recording[index - 1]?.kind === 'accept') {
        for (const { after, part } of byHand(event, rhythm, afterMs))
          edit(after, part, part.offset + part.inserted.length);
        if (placed !== undefined) push(0, { kind: 'move' }, { ...scene, cursor: placed });
      } else {
        edit(afterMs, event, placed ?? event.offset + event.inserted.length);
      }
      if (placed !== undefined) index += 1;
    } else if (event.kind === 'cursor') {
      push(afterMs, { kind: 'move' }, { path: event.path, text: texts.get(event.path)!, cursor: event.offset });
    } else if (event.kind !== 'open') {
      push(afterMs, { kind: event.kind === 'accept' ? 'look' : 'dismiss' }, scene);
    }
  }
  return { documents, start, steps, runs: runsOf(documents, steps) };
}

export function uriOf(path: string): string {
  return `recording:///${path}`;
}

/** Where a `cursor` at the very same time puts the cursor after the edit at `index`, as auto-closed brackets do. */
function cursorWith(recording: Recording, index: number): number | undefined {
  const edit = recording[index]!;
  const next = recording[index + 1];
  if (next?.kind !== 'cursor' || edit.kind !== 'edit') return undefined;
  return next.t_ms === edit.t_ms && next.path === edit.path ? next.offset : undefined;
}

/** The intervals of one key after another, in order. */
function rhythmOf(recording: Recording): () => number {
  const intervals: number[] = [];
  let before: RecordedEvent | undefined;
  for (const event of recording) {
    const interval = before ? event.t_ms - before.t_ms : 0;
    const isTyped = event.kind === 'edit' && event.deleted === 0 && event.inserted.length === 1;
    if (isTyped && before?.kind === 'edit' && interval > 0 && interval <= LONGEST_KEY_INTERVAL_MS) {
      intervals.push(interval);
    }
    before = event;
  }
  let next = 0;
  return () => intervals[next++ % intervals.length] ?? DEFAULT_INTERVAL_MS;
}

/** The keys that type the text of `edit`: each character one, a line break together with the indentation after it. */
function* byHand(
  { offset, deleted, inserted, ...edit }: RecordedEdit,
  interval: () => number,
  firstAfterMs: number,
): Generator<{ after: number; part: RecordedEdit }> {
  let at = offset;
  let after = firstAfterMs;
  let toDelete = deleted;
  for (const [key] of inserted.matchAll(/\r?\n[ \t]*|./gsu)) {
    yield { after, part: { ...edit, offset: at, deleted: toDelete, inserted: key } };
    at += key.length;
    toDelete = 0;
    after = interval();
  }
}

/** True of what one stroke of a key does: a character, one with its closing bracket, a line break with indentation. */
function isKey(inserted: string, deleted: number): boolean {
  return deleted <= 1 && (inserted.length <= 2 || /^\r?\n[ \t]*$/.test(inserted));
}

interface OpenRun {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly first: number;
  last: number;
  /** The region in the document as it is now. */
  readonly start: number;
  end: number;
}

function runsOf(documents: readonly { readonly path: string; readonly text: string }[], steps: readonly Step[]): Run[] {
  const runs: Run[] = [];
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  let open: OpenRun | undefined;

  function close(): void {
    if (!open) return;
    const { path, before, after, first, last, start, end } = open;
    const text = steps[last]!.scene.text.slice(start, end);
    if (text !== '') runs.push({ path, before, text, after, first, last });
    open = undefined;
  }

  for (const [index, { action, scene }] of steps.entries()) {
    if (action.kind !== 'edit') continue;
    const { path } = scene;
    const { offset, deleted, inserted } = action.change;
    const end = offset + deleted;
    if (open?.path === path && offset >= open.start && end <= open.end) {
      open.end += inserted.length - deleted;
      open.last = index;
    } else {
      close();
      const text = texts.get(path)!;
      const region = { start: offset, end: offset + inserted.length };
      open = { path, before: text.slice(0, offset), after: text.slice(end), first: index, last: index, ...region };
    }
    texts.set(path, scene.text);
  }
  close();
  return runs;
}
