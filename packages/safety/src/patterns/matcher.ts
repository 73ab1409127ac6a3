import { type BlockedPattern, compilePatterns } from './compile.ts';
import { type Step, inSet, isLineBreak, isWordUnit } from './program.ts';

/** What a stream of text matches, found as it comes. */
export interface PatternStream {
  /**
   * Takes the next chunk. `open` is how many characters at the end of all so far may still become a match; a match is said
   * as soon as it is certain, with how many characters ago it began.
   */
  feed(chunk: string): PatternVerdict;
  /** No more is coming. */
  end(): PatternVerdict;
}

export type PatternVerdict =
  | { readonly kind: 'open'; readonly open: number }
  | { readonly kind: 'match'; readonly name: string; readonly ago: number };

export interface PatternMatcher {
  /** A stream that continues `before`. */
  stream(before: string): PatternStream;
}

/** A match may be so long: no more than this is held back of a stream. */
const MAX_MATCH = 512;

/** Throws PatternError. Undefined when there are no patterns. */
export function createPatternMatcher(patterns: readonly BlockedPattern[]): PatternMatcher | undefined {
  if (patterns.length === 0) return undefined;
  const { steps, starts } = compilePatterns(patterns);
  const first = firstUnits(steps, starts);
  return { stream: (before) => createStream(steps, starts, first, before) };
}

/**
 * All ways through the steps are followed side by side (Thompson 1968), so that a character costs at most a visit to each
 * step, whatever the pattern: no backtracking. Where no way has begun, a character that begins none costs a look-up.
 */
function createStream(
  steps: readonly Step[],
  starts: readonly number[],
  first: Uint8Array,
  before: string,
): PatternStream {
  /** Steps to go on from, and where their ways began; the earliest first. */
  let at: number[] = [];
  let began: number[] = [];
  const visited = new Uint32Array(steps.length);
  let round = 0;
  let position = 0;
  let previous: number | undefined;

  function advance(unit: number | undefined): { name: string; start: number } | undefined {
    const [from, since] = [at, began];
    at = [];
    began = [];
    round += 1;
    let accepted: { name: string; start: number } | undefined;

    /** Follows a way up to the steps that take a character, and over them. */
    function follow(number: number, start: number): void {
      if (visited[number] === round || accepted) return;
      visited[number] = round;
      const step = steps[number]!;
      switch (step.op) {
        case 'accept':
          accepted = { name: step.name, start };
          return;
        case 'split':
          follow(step.next, start);
          follow(step.other, start);
          return;
        case 'assert':
          if (holds(step.kind, previous, unit)) follow(step.next, start);
          return;
        case 'take':
          if (unit === undefined || !inSet(step.set, unit)) return;
          at.push(step.next);
          began.push(start);
      }
    }
    for (let way = 0; way < from.length; way++) if (position - since[way]! < MAX_MATCH) follow(from[way]!, since[way]!);
    if (unit !== undefined && (unit > 127 || first[unit] === 1)) for (const start of starts) follow(start, position);
    previous = unit;
    position += 1;
    return accepted ?? acceptedAlready();
  }

  /** A way whose end needs no look at what follows. */
  function acceptedAlready(): { name: string; start: number } | undefined {
    for (let way = 0; way < at.length; way++) {
      const step = steps[at[way]!]!;
      if (step.op === 'accept') return { name: step.name, start: began[way]! };
    }
    return undefined;
  }

  function feed(chunk: string): PatternVerdict {
    for (let index = 0; index < chunk.length; index++) {
      const unit = chunk.charCodeAt(index);
      if (at.length === 0 && unit < 128 && first[unit] === 0) {
        previous = unit;
        position += 1;
        continue;
      }
      const match = advance(unit);
      if (match) return { kind: 'match', name: match.name, ago: position - match.start + chunk.length - 1 - index };
    }
    return { kind: 'open', open: open() };
  }

  function open(): number {
    return at.length === 0 ? 0 : Math.min(position - began[0]!, MAX_MATCH);
  }

  const context = before.slice(before.lastIndexOf('\n') + 1).slice(-MAX_MATCH);
  // What stands there already is not ours to judge, but what it begins may end in the stream.
  for (let index = 0; index < context.length; index++) if (advance(context.charCodeAt(index))) [at, began] = [[], []];

  return {
    feed,
    end() {
      const match = at.length === 0 ? undefined : advance(undefined);
      return match ? { kind: 'match', name: match.name, ago: position - 1 - match.start } : { kind: 'open', open: 0 };
    },
  };
}

function holds(kind: Extract<Step, { op: 'assert' }>['kind'], before: number | undefined, after: number | undefined) {
  switch (kind) {
    case 'line-start':
      return isLineBreak(before);
    case 'line-end':
      return isLineBreak(after);
    case 'boundary':
      return isWordUnit(before) !== isWordUnit(after);
    case 'no-boundary':
      return isWordUnit(before) === isWordUnit(after);
  }
}

/** For each unit of ASCII, whether a way may begin with it. */
function firstUnits(steps: readonly Step[], starts: readonly number[]): Uint8Array {
  const first = new Uint8Array(128);
  const seen = new Set<number>();
  const visit = (number: number): void => {
    if (seen.has(number)) return;
    seen.add(number);
    const step = steps[number]!;
    if (step.op === 'take') for (let unit = 0; unit < 128; unit++) first[unit]! |= step.set.ascii[unit]!;
    if (step.op === 'split' || step.op === 'assert') visit(step.next);
    if (step.op === 'split') visit(step.other);
  };
  for (const start of starts) visit(start);
  return first;
}
