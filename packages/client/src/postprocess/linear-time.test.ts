import { describe, expect, it } from 'vitest';
import { FILTERS, draftOf, fitCompletion } from './fit.ts';
import { placeOf } from './place.ts';
import type { Surroundings } from './surroundings.ts';

const LENGTH = 100_000;

function of(piece: string): string {
  return piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH);
}

/** What makes a careless pattern or loop look at everything again for each character. */
const BAIT = {
  'one long word': of('a'),
  'one long line of words': of('ab '),
  spaces: of(' ') + 'a',
  'blank lines': of('\n') + 'a',
  'lines of spaces': of('   \n') + 'a',
  'lines of one character': of('a\n'),
  'lines that differ': Array.from({ length: 12_000 }, (_, i) => `l${i};`).join('\n'),
  'two lines in turn': of('a\nb\n'),
  'rows without a word': of('0,\n'),
  'opening brackets': of('('),
  'closing brackets': of(')'),
  'brackets on lines of their own': of('{\n') + of('}\n'),
  quotes: of('"'),
  'three quotes': of('"""\n'),
  apostrophes: of("'"),
  backticks: of('`'),
  'fences, one below the other': of('```ts\n'),
  templates: of('`${'),
  'regular expressions': of('(/['),
  slashes: of('= / '),
  backslashes: of('\\'),
  'beginnings of tokens': of('<|'),
  'almost tokens': of('<|fim_middle| >'),
  'tokens within strings': `"${of('<|a|>')}"`,
  'closing tags': of('</s> '),
  'tags, one within the other': of('<div>\n'),
  sentences: of('Here is the code\n'),
  'here is': of('Here is '),
  'thoughts without an end': of('<think>'),
  'comment ends': of('*/\n'),
  'the line below': of('  foo();\n'),
  'the rest of the line': of(', gamma)'),
  tabs: of('\ta\n'),
  'surrogate pairs': of('😀'),
} as const;

const PLACES: readonly Surroundings[] = [
  { prefix: 'function f() {\n  ', suffix: '\n  foo();\n}\n', eol: '\n', language: 'typescript', extent: 'block' },
  { prefix: "const T = '<|fim|>';\nfoo(a", suffix: ', gamma)', eol: '\n', language: 'typescript', extent: 'block' },
  { prefix: 'def f():\n    """', suffix: '\n    """\n', eol: '\n', language: 'python', extent: 'block' },
  { prefix: '<ul>\n\t', suffix: '\n</div>\n', eol: '\n', language: 'html', extent: 'line' },
];

/**
 * Of the processor's time, so that a busy machine does not matter. Linear work on this much text takes some 10 to 100 ms,
 * quadratic work minutes.
 */
const MOST_MS = 1_500;

function cpuMsOf(what: () => unknown): number {
  const before = process.cpuUsage();
  what();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Every bait meets every filter, each in one of the places. */
function placeFor(number: number): Surroundings {
  return PLACES[number % PLACES.length]!;
}

describe('100,000 characters of bait', () => {
  it.each(FILTERS.map((filter, number) => [filter.name, filter, number] as const))(
    'take the filter “%s” no time to speak of',
    (_, filter, number) => {
      for (const [index, [bait, text]] of Object.entries(BAIT).entries()) {
        const place = placeOf(placeFor(number + index));
        const draft = draftOf(text, false);
        const cost = cpuMsOf(() => filter.apply(draft, place));
        expect(cost, `${bait} in ${place.language}`).toBeLessThan(MOST_MS);
      }
    },
  );

  it.each([
    ['before the cursor', (bait: string, { prefix, ...rest }: Surroundings) => ({ ...rest, prefix: prefix + bait })],
    ['after the cursor', (bait: string, { suffix, ...rest }: Surroundings) => ({ ...rest, suffix: bait + suffix })],
  ])('%s take a fit no time to speak of', (_, around) => {
    for (const [index, [bait, text]] of Object.entries(BAIT).entries()) {
      const place = around(text, placeFor(index));
      const cost = cpuMsOf(() => fitCompletion('foo();\nbar();', place, { goesOn: false }));
      expect(cost, `${bait} in ${place.language}`).toBeLessThan(MOST_MS);
    }
  });
});
