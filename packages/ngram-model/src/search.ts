import { contextOf } from './places.ts';
import { type Prediction, createPredictor } from './predict.ts';
import { type Written, write } from './render.ts';
import type { Stream } from './stream.ts';
import { Kind } from './vocabulary.ts';

/** Text that may come next. */
export interface Found {
  readonly text: string;
  /**
   * Where it ends: at the end of the cursor's line, or before what stands there after the cursor; at the end of a later line
   * (`body` where the cursor stands behind an opening bracket: all of it is on lines of its own); or within the line, behind a
   * token.
   */
  readonly end: 'line' | 'block' | 'body' | 'token';
  readonly lines: number;
  readonly tokens: number;
  /** Brackets it opens and leaves open, less those it closes of others. */
  readonly depth: number;
  /** The same of its first line. */
  readonly firstDepth: number;
  /** The probability that what stands on the next line follows; undefined where that cannot be said. */
  readonly joins: number | undefined;
  /** The same after its first line. */
  readonly firstJoins: number | undefined;
  /** Tokens that agree before the best place for its first token. */
  readonly evidence: number;
  /** The least probable of its steps, its end included. */
  readonly weakest: number;
  /** That all of it comes next, its end included, as the product of the steps: not calibrated. */
  readonly probability: number;
  /** `maxChars` ended it. */
  readonly cut: boolean;
}

export interface SearchLimits {
  readonly maxChars: number;
  readonly singleLine: boolean;
  /** Asked before each token of each path. */
  readonly isLate: () => boolean;
}

interface Path {
  readonly added: readonly number[];
  readonly written: Written;
  readonly probability: number;
  readonly weakest: number;
  readonly lines: number;
  readonly depth: number;
  /** Of the first line, once that has ended. */
  readonly first: { readonly depth: number; readonly joins: number | undefined } | undefined;
  /** Tokens of its last line that stand on the line after the cursor's too; undefined from the first that does not. */
  readonly repeated: number | undefined;
}

/** Paths followed at a time. More than four find nothing that is shown: the fifth best is not likely enough. */
const BEAM = 4;
/** Below it nothing is shown, so nothing is followed. */
const LEAST_PROBABILITY = 0.08;
const LEAST_TOKEN_PROBABILITY = 0.5;
/** Some twenty lines. */
const MOST_TOKENS = 192;

/** Beam search for what may stand between the cursor and what follows it; what it finds is in no order. */
export function search(stream: Stream, limits: SearchLimits): readonly Found[] {
  const { vocabulary, following, cursor } = stream;
  const predictor = createPredictor(stream);
  const ahead = aheadOf(stream);
  const opensBlock = !cursor.atLineStart && '([{:'.includes(vocabulary.text(stream.ids[stream.length - 1]!));
  const found: Found[] = [];
  let evidence = 0;
  let paths: readonly Path[] = [
    {
      added: [],
      written: { text: '', indent: cursor.indent },
      probability: 1,
      weakest: 1,
      lines: 1,
      depth: 0,
      first: undefined,
      repeated: undefined,
    },
  ];

  for (let step = 0; step < MOST_TOKENS && paths.length > 0; step += 1) {
    const next: Path[] = [];
    for (const path of paths) {
      if (limits.isLate()) return found;
      if (repeatsNextLine(path)) continue;
      const predictions = predictor.predict(path.added, contextOf(stream, path.added));
      if (step === 0) evidence = predictor.longestMatch();
      const ended = path.probability * endsHere(path, predictions);
      // A prediction of its own, wanted for each line break and for the find: made once.
      const joins = ended >= LEAST_PROBABILITY ? joinsWith(path.added) : undefined;
      const grown = predictions
        .filter((each) => path.probability * each.probability >= LEAST_PROBABILITY && mayFollow(path, each))
        .map((each) => extend(path, each, joins));
      const short = grown.filter(({ written }) => written.text.length <= limits.maxChars);
      next.push(...short);
      if (path.written.text.trim() === '') continue;
      if (ended >= LEAST_PROBABILITY) keep(path, endOf(path), ended, joins);
      if (path.lines > 1) continue;
      const cut = short.length < grown.length;
      if (cut || path.probability >= LEAST_TOKEN_PROBABILITY) keep(path, 'token', path.probability, undefined, cut);
    }
    paths = next.toSorted((a, b) => b.probability - a.probability).slice(0, BEAM);
  }
  return found;

  function keep(path: Path, end: Found['end'], probability: number, joins: number | undefined, cut = false): void {
    const { written, lines, added, depth } = path;
    const first = path.first ?? { depth, joins };
    found.push({
      text: written.text,
      end,
      lines,
      tokens: added.length,
      depth,
      firstDepth: first.depth,
      joins,
      firstJoins: first.joins,
      evidence,
      weakest: Math.min(path.weakest, probability / path.probability),
      probability,
      cut,
    });
  }

  /** With a line break, or with what stands after the cursor on its line already. */
  function endsHere(path: Path, predictions: readonly Prediction[]): number {
    let sum = 0;
    for (const { id, probability } of predictions) if (isEnd(id, path)) sum += probability;
    return sum;
  }
  function isEnd(id: number, { depth }: Path): boolean {
    return ahead.rest === undefined ? isLineBreak(id) : id === ahead.rest && depth <= 0;
  }
  function isLineBreak(id: number): boolean {
    return vocabulary.kind(id) === Kind.lineBreak;
  }

  function mayFollow(path: Path, { id }: Prediction): boolean {
    if (!isLineBreak(id)) return ahead.rest === undefined || !isEnd(id, path);
    if (limits.singleLine) return false;
    // What was open before the cursor is closed, or a blank line parts what is complete: the block is over.
    if (path.depth < 0 || (path.depth === 0 && vocabulary.lineBreak(id).blankLines > 0)) return false;
    // Several lines in front of other text would tear its line apart, but for brackets, which they open up.
    return ahead.rest === undefined ? path.added.length > 0 || opensBlock : ahead.opensUp;
  }

  function endOf({ lines, added }: Path): Found['end'] {
    if (lines === 1) return 'line';
    return isLineBreak(added[0]!) ? 'body' : 'block';
  }

  function extend(path: Path, prediction: Prediction, joins: number | undefined): Path {
    const { id } = prediction;
    const probability = path.probability * prediction.probability;
    const { added, lines, depth } = path;
    const grown = {
      added: [...added, id],
      written: write(path.written, prediction, added.length === 0, stream),
      probability,
      weakest: Math.min(path.weakest, prediction.probability),
    };
    if (isLineBreak(id)) {
      const first = path.first ?? { depth, joins };
      return { ...grown, lines: lines + 1, depth, first, repeated: ahead.rest === undefined ? 0 : undefined };
    }
    const text = vocabulary.text(id);
    const opened = '([{'.includes(text) ? 1 : ')]}'.includes(text) ? -1 : 0;
    const { repeated, first } = path;
    const repeats = repeated !== undefined && following[1 + repeated] === id;
    return { ...grown, lines, depth: depth + opened, first, repeated: repeats ? repeated + 1 : undefined };
  }

  /** Its last line is the one that follows the cursor, which is there already. */
  function repeatsNextLine({ repeated }: Path): boolean {
    if (repeated === undefined || repeated === 0) return false;
    const next = following[1 + repeated];
    return next === undefined || isLineBreak(next);
  }

  /** How likely the next line's first token is to follow after a line break. */
  function joinsWith(added: readonly number[]): number | undefined {
    const [lineBreak, first] = following;
    if (ahead.rest !== undefined || lineBreak === undefined || first === undefined) return undefined;
    const whole = [...added, lineBreak];
    return predictor.predict(whole, contextOf(stream, whole)).find(({ id }) => id === first)?.probability ?? 0;
  }
}

/** What stands after the cursor on its line: its first token, and whether the cursor stands between two brackets. */
function aheadOf({ following, vocabulary, ids, length }: Stream): { rest: number | undefined; opensUp: boolean } {
  const [first] = following;
  if (first === undefined || vocabulary.kind(first) === Kind.lineBreak) return { rest: undefined, opensUp: false };
  const pair = vocabulary.text(ids[length - 1]!) + vocabulary.text(first);
  return { rest: first, opensUp: pair === '{}' || pair === '[]' || pair === '()' };
}
