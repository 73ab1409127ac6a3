import { type Random, randomFrom } from '@ghostline/seeded';
import { isSubsequence } from '@ghostline/syntax';
import { describe, expect, it } from 'vitest';
import { eolOf, firstLine, splitsPair } from '../text/lines.ts';
import { FILTERS, type Fitted, draftOf, fitCompletion } from './fit.ts';
import { placeOf } from './place.ts';
import type { Surroundings } from './surroundings.ts';

const LANGUAGES = [
  'typescript',
  'typescriptreact',
  'python',
  'go',
  'rust',
  'java',
  'cpp',
  'ruby',
  'lua',
  'html',
  'css',
  'json',
  'yaml',
  'markdown',
  'shellscript',
  'unknown-language',
];
const BEFORE = [
  '',
  'const x = ',
  'foo(',
  'foo("',
  '  ',
  '\t',
  'if (a) {',
  'a();\n',
  'def f():\n    ',
  'class A {\n  f() {\n    ',
  '# note',
  'x = [1,\n',
  '/* about ',
  '// about ',
  '`a ${',
  'items:\n  - ',
  '<div>\n  ',
  'def f\n  ',
  'foo();\nbar();\n',
  'a = "😀',
];
const AFTER = [
  '',
  ')',
  ');',
  '")',
  '}',
  ' {',
  '\n',
  '\n}',
  '\n  foo();\n}',
  ' // end',
  ']);\n',
  '\nbar();\nfoo();\n',
  '} days`',
  '\n    }\n  }\n}\n',
  '\nend\n',
  '\n</div>\n',
  ', gamma)',
  '\n*/\nfoo();',
  '\n    return 1\n',
  '\n\nfoo();\n',
  '  \n\t}\n',
];
const PIECES = [
  'a',
  'foo();',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '`',
  ', ',
  ';',
  ' = ',
  '😀',
  '\\',
  'bar();',
  'end',
  '*/',
  '</div>',
  'if (a) {',
  '} else {',
  'def g():',
  'return 1',
  '<|endoftext|>',
  '```',
  '// x',
  '# y',
  '/* z',
  '"""',
  'gamma)',
  'foo(',
  'Here is the code:',
  '<think>',
  '</think>',
  '~redacted',
  'case 1:',
  'do |x|',
  '- a',
  '| a | b |',
  '<fim_',
  "don't",
  '/[(]/',
];
const BREAKS = ['\n', '\n', '\n', '\n  ', '\n    ', '\n\t', '\n\n', '\n\n\n\n', ' \n', '\n        '];

function drawn(random: Random): { readonly raw: string; readonly around: Surroundings } {
  const of = (list: readonly string[]) => list[random(list.length)]!;
  const breaks = random(4) > 0;
  let raw = '';
  const count = 1 + random(14);
  for (let i = 0; i < count; i++) {
    raw += of(PIECES);
    if (breaks && random(3) === 0) raw += of(BREAKS);
    // Text that stands around, and text that repeats itself.
    if (random(12) === 0) raw += of(AFTER);
    if (random(14) === 0) raw += `\n${of(BEFORE).trimStart()}`;
    if (random(14) === 0) raw += raw.slice(raw.indexOf('\n'));
  }
  if (random(3) === 0) raw = of(BREAKS) + raw;
  let prefix = (random(3) === 0 ? of(BEFORE) + of(BREAKS) : '') + of(BEFORE);
  let suffix = of(AFTER) + (random(3) === 0 ? of(AFTER) : '');
  if (random(4) === 0) {
    prefix = prefix.replaceAll('\n', '\r\n');
    suffix = suffix.replaceAll('\n', '\r\n');
  }
  // What stands after the cursor, written again.
  if (random(3) === 0) raw += firstLine(suffix);
  const eol = eolOf(prefix + suffix);
  const extent = random(4) === 0 ? 'line' : 'block';
  const around: Surroundings = { prefix, suffix, eol, language: of(LANGUAGES), extent };
  return { raw: raw.replace(/\n/g, eol), around };
}

function textOf(fitted: Fitted): string {
  return fitted.kind === 'fits' ? fitted.text : '';
}

function shown(raw: string, around: Surroundings): string {
  return JSON.stringify({ ...around, raw });
}

/** The whole lines of a stream at each of its line ends. */
function chunksOf(raw: string): string[] {
  return [...raw.matchAll(/\r?\n/g)].map(({ index }) => raw.slice(0, index));
}

const RUNS = 1000;

describe('whatever a model says, wherever', () => {
  it('what is shown while it speaks is the beginning of what is shown at its end, and never less than before', () => {
    const random = randomFrom(11);
    let grown = 0;
    for (let run = 0; run < RUNS; run++) {
      const { raw, around } = drawn(random);
      let before = '';
      for (const chunk of chunksOf(raw)) {
        const now = textOf(fitCompletion(chunk, around, { goesOn: true }));
        expect(now.startsWith(before), `${shown(raw, around)} at ${JSON.stringify(chunk)}: ${before} → ${now}`).toBe(
          true,
        );
        // The stream may end right here.
        const ended = textOf(fitCompletion(chunk, around, { goesOn: false }));
        expect(
          ended.startsWith(now),
          `${shown(raw, around)} ended at ${JSON.stringify(chunk)}: ${now} → ${ended}`,
        ).toBe(true);
        if (before !== '' && now.length > before.length) grown += 1;
        before = now;
      }
      const end = textOf(fitCompletion(raw, around, { goesOn: false }));
      expect(end.startsWith(before), `${shown(raw, around)} at its end: ${before} → ${end}`).toBe(true);
    }
    expect(grown).toBeGreaterThan(50);
  });

  it.each(FILTERS.map((filter) => [filter.name, filter] as const))(
    '%s decides nothing that a later line overturns',
    (_, filter) => {
      const random = randomFrom(12);
      for (let run = 0; run < RUNS / 2; run++) {
        const { raw, around } = drawn(random);
        const place = placeOf(around);
        const lines = raw.split(/\r\n?|\n/);
        let before: readonly string[] = [''];
        for (let count = 1; count <= lines.length; count++) {
          const draft = draftOf(lines.slice(0, count).join('\n'), count < lines.length);
          const { lines: now } = filter.apply(draft, place);
          const isBlank = before.every((line) => line.trim() === '');
          if (!isBlank)
            expect(
              now.slice(0, before.length),
              `${shown(raw, around)} now ${JSON.stringify(now)} before ${JSON.stringify(before)}`,
            ).toEqual(before);
          before = now;
        }
      }
    },
  );

  it('what is accepted is what was shown: on the cursor’s line it replaces only what it writes again', () => {
    const random = randomFrom(13);
    let covering = 0;
    for (let run = 0; run < RUNS * 2; run++) {
      const { raw, around } = drawn(random);
      const fitted = fitCompletion(raw, around, { goesOn: false });
      if (fitted.kind === 'nothing') continue;
      const covered = around.suffix.slice(0, fitted.covers);
      expect(covered, shown(raw, around)).not.toMatch(/[\r\n]/);
      expect(isSubsequence(covered, fitted.text), shown(raw, around)).toBe(true);
      expect(fitted.text.length, shown(raw, around)).toBeGreaterThan(covered.length);
      expect(fitted.text.trim()).not.toBe('');
      expect(fitted.text.replaceAll(around.eol, ''), shown(raw, around)).not.toMatch(/[\r\n]/);
      if (fitted.covers > 0) covering += 1;
    }
    expect(covering).toBeGreaterThan(50);
  });

  it('what fits fits again, unchanged', () => {
    const random = randomFrom(14);
    for (let run = 0; run < RUNS * 2; run++) {
      const { raw, around } = drawn(random);
      const once = fitCompletion(raw, around, { goesOn: false });
      if (once.kind === 'nothing') continue;
      const twice = fitCompletion(once.text, around, { goesOn: false });
      expect(twice, shown(raw, around)).toMatchObject({ kind: 'fits', text: once.text, covers: once.covers });
    }
  });

  it('typing along leaves something of the same text to show until all of it is typed', () => {
    const random = randomFrom(15);
    let typedAlong = 0;
    for (let run = 0; run < RUNS; run++) {
      const { raw, around } = drawn(random);
      const fitted = fitCompletion(raw, around, { goesOn: false });
      // What a chat model would begin with is no beginning before it is typed.
      if (/<think>|`{3}/.test(raw)) continue;
      // What stands after the cursor may come to be torn apart; that is a matter of `type-through.property.test.ts`.
      if (fitted.kind === 'nothing' || firstLine(around.suffix).trim() !== '') continue;
      const { text } = fitted;
      if (firstLine(text) === '') continue;
      const typed = 1 + random(firstLine(text).length);
      const rest = text.slice(typed);
      if (splitsPair(text, typed) || rest.trim() === '' || text.slice(0, typed).trim() === '') continue;
      const later: Surroundings = { ...around, prefix: around.prefix + text.slice(0, typed) };
      if (later.suffix.startsWith(rest)) continue;
      const left = fitCompletion(rest, later, { goesOn: false });
      expect(textOf(left), `${shown(raw, around)} ${JSON.stringify({ text, rest, left })}`).not.toBe('');
      expect(rest.startsWith(textOf(left)), `${shown(raw, around)} ${JSON.stringify({ rest, left })}`).toBe(true);
      typedAlong += 1;
    }
    expect(typedAlong).toBeGreaterThan(100);
  });
});
