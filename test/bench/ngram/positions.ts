/** Cursor positions in real files: what stands after the cursor is taken out, and has to be found again. */
import { seeded } from '@ghostline/seeded';
import { type Language, type SourceFile, areNearlyTheSame } from './corpus.ts';

export const KINDS = ['line start', 'mid-line', 'after comment'] as const;
/** Behind a bracket at the end of a line, with what closes it as the editor or nobody put it: not among those reported. */
export const BLOCK = 'block';
export type Kind = (typeof KINDS)[number] | typeof BLOCK;

export interface Position {
  readonly language: Language;
  readonly kind: Kind;
  readonly prefix: string;
  /** What was taken out: the rest of the line, or what stands between the brackets, or some lines. */
  readonly truth: string;
  readonly suffix: string;
  /** The neighbours, nearest first. */
  readonly snippets: readonly string[];
}

/** Within what the protocol allows, so that any client could have sent it. */
const LONGEST_PREFIX = 48 * 1024;
const LONGEST_SUFFIX = 16 * 1024;
const LONGEST_NEIGHBOUR = 16 * 1024;

/** Comments are rare in some languages: after so many draws there is no line of that kind left to find. */
const MOST_TRIES = 2_000;

/** `perLanguage` positions in each language, the same for the same seed and files. */
export function samplePositions(
  files: readonly SourceFile[],
  perLanguage: number,
  seed: number,
  kinds: readonly Kind[] = KINDS,
): readonly Position[] {
  const random = seeded(seed);
  const byLanguage = Map.groupBy(files, ({ language }) => language);
  const positions: Position[] = [];
  for (const own of byLanguage.values()) {
    for (let count = 0; count < perLanguage; count += 1) {
      const kind = kinds[count % kinds.length]!;
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const position = positionIn(own, Math.floor(random() * own.length), kind, random);
        if (!position) continue;
        positions.push(position);
        break;
      }
    }
  }
  return positions;
}

function positionIn(
  files: readonly SourceFile[],
  index: number,
  kind: Kind,
  random: () => number,
): Position | undefined {
  const { text, language } = files[index]!;
  const lines = text.split('\n');
  // Not the first ten lines: a file of a few lines is begun by hand or from a template.
  const at = 10 + Math.floor(random() * (lines.length - 11));
  const line = lines[at];
  if (line === undefined || line.trim().length < 2) return undefined;
  if ((kind === 'after comment') !== isComment(lines[at - 1]!, language) || isComment(line, language)) return undefined;

  if (kind === BLOCK) return blockIn(files, index, lines, at, random);
  const indent = indentOf(line);
  const column =
    kind === 'mid-line' ? indent + 1 + Math.floor(random() * (line.trimEnd().length - indent - 1)) : indent;
  const before = lines.slice(0, at).join('\n') + '\n' + line.slice(0, column);
  const held = heldOut(line.slice(column), text.slice(before.length), kind, random);
  return heldFrom(files, index, kind, before.length, held);
}

/** The position at `start` of a file, without the `length` characters behind it. */
function heldFrom(files: readonly SourceFile[], index: number, kind: Kind, start: number, length: number): Position {
  const { text, language } = files[index]!;
  return {
    language,
    kind,
    prefix: text.slice(Math.max(0, start - LONGEST_PREFIX), start),
    truth: text.slice(start, start + length),
    suffix: text.slice(start + length, start + length + LONGEST_SUFFIX),
    snippets: neighbours(files, index),
  };
}

/** At the end of a line that opens a block: its lines are missing, or those and the one that closes it. */
function blockIn(
  files: readonly SourceFile[],
  index: number,
  lines: readonly string[],
  at: number,
  random: () => number,
): Position | undefined {
  const line = lines[at]!.trimEnd();
  const columns = indentOf(line);
  if (!/[([{:]$/.test(line)) return undefined;
  let end = at + 1;
  while (end < lines.length && (lines[end]!.trim() === '' || indentOf(lines[end]!) > columns)) end += 1;
  if (end - at < 2 || end - at > 12 || end === lines.length) return undefined;
  const start = lines.slice(0, at).join('\n').length + 1 + line.length;
  const length = (count: number) => lines.slice(0, count).join('\n').trimEnd().length - start;
  const kind = random();
  if (kind < 1 / 3) return heldFrom(files, index, BLOCK, start, length(end));
  if (kind < 2 / 3) return heldFrom(files, index, BLOCK, start, length(end + 1));
  // As an editor that has closed the bracket behind the cursor.
  const closing = lines.slice(0, end).join('\n').length + 1;
  return heldFrom(files, index, BLOCK, start, closing + indentOf(lines[end]!) - start);
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)![0].length;
}

/**
 * How much the user has not written yet: mid-line, every third time what an editor's closing bracket stands after; at the
 * start of a line, every third time some lines; else the rest of the line.
 */
function heldOut(restOfLine: string, rest: string, kind: Kind, random: () => number): number {
  const special = random() < 1 / 3;
  const size = random();
  if (special && kind === 'mid-line') {
    const closes = closingBracket(restOfLine);
    if (closes > 0) return closes;
  }
  if (special && kind !== 'mid-line') {
    const lines = rest.split('\n', 2 + Math.floor(size * 7));
    while (lines.length > 1 && lines.at(-1)!.trim() === '') lines.pop();
    return lines.join('\n').length;
  }
  return restOfLine.trimEnd().length;
}

/** Where the first bracket stands that was opened before `text`; -1 without one. */
function closingBracket(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ('([{'.includes(text[at]!)) depth += 1;
    else if (')]}'.includes(text[at]!)) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

function isComment(line: string, language: Language): boolean {
  const text = line.trim();
  if (language === 'python') return text.startsWith('#');
  if (language === 'css') return text.endsWith('*/');
  // JSON has none: the line after a key that opens something is as good as after a comment.
  if (language === 'json') return /[[{]$/.test(text);
  return text.startsWith('//') || text.endsWith('*/') || text.startsWith('* ') || text === '*';
}

/** The files next to it in its project, as an editor would have them open; another build of the same is no neighbour. */
function neighbours(files: readonly SourceFile[], index: number): readonly string[] {
  const own = files[index]!;
  return [-1, 1, -2, 2, -3, 3]
    .map((step) => index + step)
    .map((at) => files[at])
    .filter((file) => file !== undefined)
    .filter(({ text }) => !areNearlyTheSame(own.text, text))
    .toSorted((a, b) => Number(b.project === own.project) - Number(a.project === own.project))
    .slice(0, 2)
    .map(({ text }) => text.slice(0, LONGEST_NEIGHBOUR));
}
