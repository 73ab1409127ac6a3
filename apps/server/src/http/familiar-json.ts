import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Parses JSON whose long strings come again with the next request. */
export interface FamiliarJson {
  /** What `JSON.parse` gives for `bytes` in UTF-8, errors included. What is remembered for one owner helps no other. */
  parse(bytes: Buffer, owner: string): unknown;
}

export interface FamiliarJsonOptions {
  /** The member whose text grows at its end from one request to the next. */
  readonly growing: string;
  /** Of strings as they came; their texts take as much again, or twice if they are not Latin. Default 16 MiB. */
  readonly maxBytes?: number;
}

/** A string as it came, without its quotes. */
interface Familiar {
  readonly owner: string;
  readonly raw: Buffer;
  readonly text: string;
  /** It is how a string began, up to a line break, and may go on. */
  readonly goesOn: boolean;
}

/** Shorter strings are parsed sooner than they are found. */
const MIN_BYTES = 512;
const MAX_BYTES = 16 * 1024 * 1024;
/** Of texts that begin alike: versions of a file with whoever else has it open, all files of a company under its licence. */
const MAX_ALIKE = 64;
/** What grows is remembered up to the last line break before so many bytes from its end, in steps of as many. */
const STEP_BYTES = 512;
/** Parsed anew each time, at most; then more of it is remembered. */
const MAX_REST_BYTES = 3 * STEP_BYTES;

/** Written-out \n in a row, as in a table of texts, before a line break is looked for in vain; sixty are 6 µs. */
const MAX_NO_BREAKS = 60;

/** A request has a few dozen. Of what has more, and is no request, V8 makes sense ten times sooner. */
const MAX_STRINGS = 1_000;
const MAX_MEMBERS = 2_000;
/** Those of `MIN_BYTES` and more are prefix, suffix, 32 snippets and a broken answer; learning one takes 8 µs. */
const MAX_LONG_STRINGS = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * A request for a completion has 30 KB, of which a keystroke changed ten characters. Where a string begins as one that is
 * known, its bytes are compared and not read: 6 µs where decoding and parsing take 37, and a third of the garbage. What is
 * left, with a short name in the place of each such string, is parsed as usual.
 */
export function createFamiliarJson({ growing, maxBytes = MAX_BYTES }: FamiliarJsonOptions): FamiliarJson {
  const known = new LRUCache<number, readonly Familiar[]>({
    maxSize: maxBytes,
    sizeCalculation: (alike) => alike.reduce((sum, { raw }) => sum + raw.length, 0),
  });
  /** Nobody can write the name of a place, not knowing this. */
  const place = `${randomUUID()}:`;
  const growingName = Buffer.from(growing);

  /** The longest known string that begins at `from`. */
  function find(bytes: Buffer, from: number, owner: string): Familiar | undefined {
    if (from + MIN_BYTES >= bytes.length) return undefined;
    const alike = known.get(sampleOf(bytes, from));
    let best: Familiar | undefined;
    for (const familiar of alike ?? []) {
      const end = from + familiar.raw.length;
      if (familiar.owner !== owner || (best && best.raw.length >= familiar.raw.length) || end >= bytes.length) continue;
      if (!familiar.goesOn && bytes[end] !== QUOTE) continue;
      if (isLikely(familiar.raw, bytes, from) && familiar.raw.compare(bytes, from, end) === 0) best = familiar;
    }
    return best;
  }

  function learn(bytes: Buffer, from: number, end: number, goesOn: boolean, owner: string): Familiar {
    const text = JSON.parse(`"${bytes.toString('utf8', from, end)}"`) as string;
    // Memory of its own: a piece of Node's pool would keep 64 KB.
    const raw = Buffer.allocUnsafeSlow(end - from);
    bytes.copy(raw, 0, from, end);
    const learned = { owner, raw, text, goesOn };
    const name = sampleOf(bytes, from);
    known.set(name, [learned, ...(known.get(name) ?? []).slice(0, MAX_ALIKE - 1)]);
    return learned;
  }

  /** The string between `from` and `end` as far as it is worth knowing; undefined when it is not. */
  function recognise(bytes: Buffer, from: number, end: number, grows: boolean, owner: string): Familiar | undefined {
    if (end - from < MIN_BYTES) return undefined;
    if (!grows) return learn(bytes, from, end, false, owner);
    const settled = settledEnd(bytes, from, end);
    return settled === undefined ? undefined : learn(bytes, from, settled, true, owner);
  }

  function parse(bytes: Buffer, owner: string): unknown {
    const texts: string[] = [];
    let skeleton = '';
    let copied = 0;
    let nameFrom = 0;
    let nameEnd = 0;
    let strings = 0;
    for (let open = bytes.indexOf(QUOTE); open >= 0;) {
      if (++strings > MAX_STRINGS) throw new RangeError('too many strings to be worth it');
      const from = open + 1;
      let familiar = find(bytes, from, owner);
      const end = closingQuote(bytes, familiar ? from + familiar.raw.length : from);
      if (end < 0) throw new SyntaxError('a string does not end');
      if (!isName(bytes, end)) {
        if (!familiar || end - from - familiar.raw.length > MAX_REST_BYTES) {
          const grows = growingName.equals(bytes.subarray(nameFrom, nameEnd));
          familiar = recognise(bytes, from, end, grows, owner) ?? familiar;
        }
        if (familiar) {
          skeleton += `${bytes.toString('utf8', copied, from)}${place}${texts.length};`;
          copied = from + familiar.raw.length;
          texts.push(familiar.text);
          if (texts.length > MAX_LONG_STRINGS) throw new RangeError('too many long strings to be worth it');
        }
      } else {
        nameFrom = from;
        nameEnd = end;
      }
      open = bytes.indexOf(QUOTE, end + 1);
    }
    skeleton += bytes.toString('utf8', copied);
    const value: unknown = JSON.parse(skeleton);
    return texts.length === 0 ? value : withTexts(value, texts, { left: MAX_MEMBERS });
  }

  /** `value` with each text in its place, changed as it is. `members`: how many are looked at. */
  function withTexts(value: unknown, texts: readonly string[], members: { left: number }): unknown {
    if (typeof value === 'string') {
      if (!value.startsWith(place)) return value;
      const numberEnd = value.indexOf(';', place.length);
      return texts[Number(value.slice(place.length, numberEnd))]! + value.slice(numberEnd + 1);
    }
    if (typeof value !== 'object' || value === null) return value;
    const names = Object.keys(value);
    members.left -= names.length;
    if (members.left < 0) throw new RangeError('too many members to be worth it');
    for (const name of names) {
      const member = (value as Record<string, unknown>)[name];
      if (typeof member !== 'string' && (typeof member !== 'object' || member === null)) continue;
      const complete = withTexts(member, texts, members);
      if (complete === member) continue;
      // As an assignment it would be another thing.
      if (name === '__proto__') Object.defineProperty(value, name, { value: complete });
      else (value as Record<string, unknown>)[name] = complete;
    }
    return value;
  }

  return {
    parse(bytes, owner) {
      if (bytes.length < MIN_BYTES) return JSON.parse(bytes.toString('utf8'));
      try {
        return parse(bytes, owner);
      } catch {
        // What is wrong with it, and where, is said of the whole.
        return JSON.parse(bytes.toString('utf8'));
      }
    },
  };
}

/** Some of the first bytes tell most strings apart; the bytes themselves tell the others. */
function sampleOf(bytes: Buffer, from: number): number {
  let sample = 0;
  for (let step = 0, at = from; at < from + MIN_BYTES; step += 3, at += step) sample = (sample * 31 + bytes[at]!) | 0;
  return sample;
}

/** A look at some bytes, which tells most texts with one heading apart sooner than comparing the heading. */
function isLikely(raw: Buffer, bytes: Buffer, from: number): boolean {
  const last = raw.length - 1;
  for (let step = 1; step <= 4; step++) {
    const at = (last * step) >> 2;
    if (raw[at] !== bytes[from + at]) return false;
  }
  return true;
}

/** Where the string ends that `from` is in; negative when it does not. */
function closingQuote(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return -1;
}

/** Whether the string that ends at `end` is the name of a member. */
function isName(bytes: Buffer, end: number): boolean {
  let at = end + 1;
  while (at < bytes.length && bytes[at]! <= SPACE) at += 1;
  return bytes[at] === COLON;
}

/** Behind the last line break that is far enough from the end of what grows. */
function settledEnd(bytes: Buffer, from: number, end: number): number | undefined {
  const steps = Math.floor((end - from) / STEP_BYTES) - 1;
  let before = from + steps * STEP_BYTES;
  for (let tried = 0; tried < MAX_NO_BREAKS && before > from + MIN_BYTES; tried++) {
    const at = bytes.lastIndexOf('\\n', before - 2);
    if (at < from + MIN_BYTES) return undefined;
    if (!isEscaped(bytes, from, at)) return at + 2;
    before = at;
  }
  return undefined;
}

/** Whether the backslash at `at` is itself escaped. */
function isEscaped(bytes: Buffer, from: number, at: number): boolean {
  let before = at;
  while (before > from && bytes[before - 1] === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
}
