import { likelyMeant } from '@ghostline/protocol';
import { splitsPair } from '../text/lines.ts';

/** One line of a recording. Offsets are UTF-16 code units into the document as it is at that moment. */
export type RecordedEvent =
  | {
      readonly t_ms: number;
      readonly kind: 'open';
      readonly path: string;
      readonly language: string;
      readonly text: string;
    }
  | RecordedEdit
  | { readonly t_ms: number; readonly kind: 'cursor'; readonly path: string; readonly offset: number }
  /**
   * The user looks at what is on screen; the edit on the next line holds the text that is wanted there. What is on screen
   * and agrees with it is accepted; the rest of it is typed by hand.
   */
  | { readonly t_ms: number; readonly kind: 'accept' }
  /** Escape. */
  | { readonly t_ms: number; readonly kind: 'dismiss' };

export interface RecordedEdit {
  readonly t_ms: number;
  readonly kind: 'edit';
  readonly path: string;
  readonly offset: number;
  readonly deleted: number;
  readonly inserted: string;
}

/** Events in order of time; every edit fits the document it changes. */
export type Recording = readonly RecordedEvent[];

export type ParsedRecording =
  | { readonly ok: true; readonly recording: Recording }
  /** `line` counts from 1; `detail` is a sentence with the fix. */
  | { readonly ok: false; readonly line: number; readonly detail: string };

const FIELDS = {
  open: { path: 'string', language: 'string', text: 'string' },
  edit: { path: 'string', offset: 'count', deleted: 'count', inserted: 'string' },
  cursor: { path: 'string', offset: 'count' },
  accept: {},
  dismiss: {},
} as const satisfies Record<RecordedEvent['kind'], Record<string, 'string' | 'count'>>;

const KINDS = Object.keys(FIELDS) as RecordedEvent['kind'][];

/** A typing recording of JSON lines, or what is wrong with its first bad line. Blank lines are passed over. */
export function parseRecording(source: string): ParsedRecording {
  const recording: RecordedEvent[] = [];
  const check = createChecker();
  let lineNumber = 0;
  for (const line of source.split(/\r?\n/)) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const event = readLine(line);
    const detail = typeof event === 'string' ? event : check.next(event);
    if (detail !== undefined) return { ok: false, line: lineNumber, detail };
    recording.push(event as RecordedEvent);
  }
  const detail = check.end();
  return detail === undefined ? { ok: true, recording } : { ok: false, line: lineNumber, detail };
}

/** As JSON lines, with a line break at the end. */
export function formatRecording(recording: Recording): string {
  return recording.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** The event, or what is wrong with the line. */
function readLine(line: string): RecordedEvent | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return 'This is not JSON: a recording has one JSON object on each line.';
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return 'This is not a JSON object: a recording has one on each line.';
  }
  const fields = json as Record<string, unknown>;
  const { kind, t_ms } = fields;
  if (!isKind(kind)) {
    const meant = typeof kind === 'string' ? likelyMeant(kind, KINDS) : undefined;
    return `"kind" must be one of ${KINDS.join(', ')}${meant ? `; did you mean "${meant}"?` : '.'}`;
  }
  if (typeof t_ms !== 'number' || !Number.isFinite(t_ms) || t_ms < 0) {
    return '"t_ms" must be the milliseconds since the recording began.';
  }
  for (const [name, type] of Object.entries(FIELDS[kind])) {
    const value = fields[name];
    if (type === 'string' && typeof value !== 'string') return `"${name}" of ${kind} must be a string.`;
    if (type === 'count' && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
      return `"${name}" of ${kind} must be a whole number of UTF-16 code units, 0 or more.`;
    }
  }
  return json as RecordedEvent;
}

function isKind(kind: unknown): kind is RecordedEvent['kind'] {
  return typeof kind === 'string' && Object.hasOwn(FIELDS, kind);
}

/** Follows the documents and says of each event in turn what does not fit, if anything. */
function createChecker() {
  const texts = new Map<string, string>();
  let lastTime = 0;
  let accepting = false;

  function next(event: RecordedEvent): string | undefined {
    if (event.t_ms < lastTime) {
      return `"t_ms" goes back from ${lastTime} to ${event.t_ms}: put the lines in the order of time.`;
    }
    lastTime = event.t_ms;
    if (accepting && (event.kind !== 'edit' || event.inserted === '')) return ACCEPT_NEEDS_EDIT;
    accepting = event.kind === 'accept';
    if (event.kind === 'accept' || event.kind === 'dismiss') {
      return texts.size === 0 ? 'Nothing is open yet: begin with an "open".' : undefined;
    }
    const { path } = event;
    if (event.kind === 'open') {
      if (texts.has(path)) return `"${path}" is open already: move to it with a "cursor".`;
      texts.set(path, event.text);
      return undefined;
    }
    const text = texts.get(path);
    if (text === undefined) return notOpen(path, texts.keys());
    if (event.kind === 'cursor') return outside(event.offset, text) ?? torn(event.offset, text);
    const { offset, deleted, inserted } = event;
    const end = offset + deleted;
    const misfit = outside(end, text) ?? torn(offset, text) ?? torn(end, text);
    if (misfit !== undefined) return misfit;
    if (deleted === 0 && inserted === '') return 'This edit changes nothing: leave it out.';
    texts.set(path, text.slice(0, offset) + inserted + text.slice(end));
    return undefined;
  }

  return {
    next,
    end(): string | undefined {
      if (texts.size === 0) return 'The recording is empty: begin with an "open".';
      return accepting ? ACCEPT_NEEDS_EDIT : undefined;
    },
  };
}

const ACCEPT_NEEDS_EDIT = 'After an "accept" comes an "edit" that inserts the text that is wanted there.';

function notOpen(path: string, open: Iterable<string>): string {
  const meant = likelyMeant(path, open);
  return `"${path}" is not open: ${meant ? `did you mean "${meant}"?` : 'put its "open" before this line.'}`;
}

function outside(offset: number, text: string): string | undefined {
  if (offset <= text.length) return undefined;
  return `Offset ${offset} is beyond the end of the document, which has ${text.length} UTF-16 code units here.`;
}

function torn(offset: number, text: string): string | undefined {
  if (!splitsPair(text, offset)) return undefined;
  return `Offset ${offset} is inside of a surrogate pair: offsets count UTF-16 code units, but never cut a character.`;
}
