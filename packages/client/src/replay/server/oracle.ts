import type { CompletionRequest } from '@ghostline/protocol';
import { lastLine } from '../../text/lines.ts';
import type { Run, Script } from '../script.ts';
import { hash } from './tokens.ts';

export interface OracleOptions {
  readonly seed?: number;
  /** The share of the words that it knows from near by: at 0.8 it knows every fourth line of six words whole. */
  readonly rightWords?: number;
  /** For each line between the cursor and a word, that share is multiplied by this. */
  readonly fading?: number;
  /** How often it says something where nothing is to come. */
  readonly talkative?: number;
}

/**
 * A model that has read the recording to its end, and is right for a stretch. For each word of the text to come it has a belief,
 * drawn once from the seed: it knows the word, or is wrong about it until some of its characters are typed. What it says ends
 * on a line with the first word that it is wrong about, and something else stands there. Asked at the same place it says the same;
 * asked behind its mistake it goes on rightly; what is far below the cursor it knows less often, and never what it would not
 * know from near by. It goes by the text of the request alone.
 */
export interface Oracle {
  /**
   * What it would write at the cursor, up to the end of the hole: the caller cuts it to what was asked for. Empty when it has nothing to
   * say. `candidate` 0 is the likeliest.
   */
  continuation(request: Pick<CompletionRequest, 'prefix' | 'suffix'>, candidate: number): string;
  /** The user is about to take this step: among places that look alike, the next one is meant. */
  follow(step: number): void;
}

/** What is known or not: a word, a number, an operator, the text of a string. Brackets and the like need no knowledge. */
const WORD = /[\p{L}\d_$]+|[=<>!+*/%&|?:-]+/gu;

/** So much text before and after a place identifies it. */
const KEY_BEFORE = 200;
const KEY_AFTER = 40;
/** How far after the cursor the text behind the hole may begin: auto-closed brackets, and a suffix that is a little old. */
const MAX_BETWEEN = 200;

export function createOracle(script: Script, options: OracleOptions = {}): Oracle {
  const { seed = 1, rightWords = 0.8, fading = 0.97, talkative = 0.5 } = options;
  const words = wordsOf(script);
  let step = 0;

  /** From 0 to 1, the same for the same words. */
  function chance(...about: readonly (string | number)[]): number {
    return (mixed(hash(`${seed} ${about.join(' ')}`)) >>> 0) / 2 ** 32;
  }

  function line(depth: number, about: string): string {
    const pick = (n: number) => words[Math.floor(chance(about, 'word', n) * words.length)] ?? 'value';
    const shapes = [
      () => `${pick(1)}.${pick(2)}(${pick(3)});`,
      () => `${pick(1)} = ${pick(2)};`,
      () => `${pick(1)}(${pick(2)}, ${pick(3)})`,
      () => `${pick(1)} ${pick(2)}`,
    ];
    return shapes[Math.floor(chance(about, 'shape', depth) * shapes.length)]!();
  }

  /** Something else than `right`, from its first character on. */
  function mistake(right: string, about: string): string {
    for (let depth = 0; depth < 4; depth++) {
      const wrong = line(depth, `${about} ${depth}`);
      if (wrong[0] !== right[0]) return wrong.slice(0, Math.max(4, Math.min(wrong.length, right.length + 8)));
    }
    return right.startsWith('_') ? '$value' : '_value';
  }

  /** The first place in `line` from `from` on where it believes something else, if there is one. */
  function mistakeIn(line: string, about: string, from: number, known: number): number | undefined {
    for (const { index, 0: word } of line.matchAll(WORD)) {
      if (chance(about, index, 'known') < known) continue;
      const resolvedAt = index + 1 + Math.floor(chance(about, index, 'until') * word.length);
      if (from < resolvedAt) return Math.max(index, from);
    }
    return undefined;
  }

  /** What it believes `text` to be from `from` on. */
  function believed(text: string, from: number, candidate: number): string {
    let said = '';
    let at = text.lastIndexOf('\n', from - 1) + 1;
    for (let distance = 0; at < text.length; distance++) {
      const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) + 1;
      const own = text.slice(at, end).replace(/\r?\n$/, '');
      const about = `${candidate} ${at} ${own}`;
      const start = Math.max(from - at, 0);
      const wrong = mistakeIn(own, about, start, rightWords * fading ** distance);
      said +=
        wrong === undefined
          ? text.slice(at + start, end)
          : own.slice(start, wrong) + mistake(own.slice(wrong), `${about} ${wrong}`) + text.slice(at + own.length, end);
      at = end;
    }
    return said;
  }

  /** A place that the recording says nothing about. */
  function elsewhere({ prefix }: Pick<CompletionRequest, 'prefix'>, candidate: number): string {
    const before = lastLine(prefix);
    const about = `${candidate} ${before}`;
    return chance(about, 'talk') < talkative ? line(0, about) : '';
  }

  /** The runs in the order in which they are likely meant: the one under way, those to come, those that were. */
  function* likely(): Generator<Run> {
    const current = script.runs.findIndex(({ last }) => last >= step);
    const from = current < 0 ? script.runs.length : current;
    yield* script.runs.slice(from);
    yield* script.runs.slice(0, from).toReversed();
  }

  return {
    follow(next) {
      step = next;
    },
    continuation(request, candidate) {
      for (const run of likely()) {
        const place = placeIn(run, request);
        if (!place) continue;
        const { typed, between } = place;
        if (!run.text.startsWith(typed)) return elsewhere(request, candidate);
        if (typed.length === run.text.length) return elsewhere(request, candidate);
        const hole = between !== '' && run.text.endsWith(between) ? run.text.slice(0, -between.length) : run.text;
        return typed.length > hole.length ? '' : believed(hole, typed.length, candidate);
      }
      return elsewhere(request, candidate);
    },
  };
}

/** What of the run's text stands before and after the cursor of a request, if that is where it was asked. */
function placeIn(
  run: Run,
  { prefix, suffix }: Pick<CompletionRequest, 'prefix' | 'suffix'>,
): { readonly typed: string; readonly between: string } | undefined {
  const before = run.before.slice(-KEY_BEFORE);
  const at = before === '' ? 0 : prefix.lastIndexOf(before);
  if (at < 0) return undefined;
  const typed = prefix.slice(at + before.length);
  const after = run.after.slice(0, KEY_AFTER);
  const between = after === '' ? suffix.length : suffix.slice(0, MAX_BETWEEN + KEY_AFTER).indexOf(after);
  if (between < 0 || between > MAX_BETWEEN) return undefined;
  return { typed, between: suffix.slice(0, between) };
}

/** Words of the documents, for mistakes that look like code. */
function wordsOf({ documents }: Script): string[] {
  return [...new Set(documents.flatMap(({ text }) => text.match(/\p{L}[\p{L}\d_]{2,15}/gu) ?? []))];
}

/** Murmur3's last step: nearby hashes become far ones. */
function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
