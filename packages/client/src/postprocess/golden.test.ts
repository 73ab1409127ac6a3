import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FILTERS, fitCompletion } from './fit.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Each file is one completion: `language, extent` (and CRLF, and the complaint it answers), the document with its cursor
 * `█`, what the model says, then what is shown between `├` and `┤` with what it replaces between `⟦` and `⟧`, or which
 * filter left nothing, and how many characters each filter took away. `→` is a tab, `·` a space at the end of a line.
 */
const folder = path.join(import.meta.dirname, 'golden');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.split(path.sep).join('/'))
  .toSorted();

const SECTIONS =
  /^(?<language>[\w-]+), (?<extent>line|block)(?<rest>.*)\n── document\n(?<document>[\s\S]*)\n── model(?<more>, more to come)?\n(?<model>[\s\S]*)\n(?<result>── (?:shown|nothing)[\s\S]*)$/;

function read(name: string) {
  const text = readFileSync(path.join(folder, name), 'utf8');
  const parts = SECTIONS.exec(text)?.groups;
  if (!parts) throw new Error(`${name} does not read as a golden file`);
  const { language = '', extent, rest = '', document = '', more, model = '', result = '' } = parts;
  const eol = rest.includes('CRLF') ? '\r\n' : '\n';
  const real = (drawn: string) => drawn.replaceAll('→', '\t').replaceAll('·', ' ').replaceAll('\n', eol);
  const [prefix, suffix, another] = real(document).split('█');
  if (prefix === undefined || suffix === undefined || another !== undefined) throw new Error(`${name} needs one █`);
  const around: Surroundings = { prefix, suffix, eol, language, extent: extent === 'line' ? 'line' : 'block' };
  return { around, raw: real(model), goesOn: more !== undefined, result };
}

/** The result as a golden file has it. */
function fit({ around, raw, goesOn }: ReturnType<typeof read>): string {
  const { prefix, suffix } = around;
  const fitted = fitCompletion(raw, around, { goesOn });
  const removed = fitted.filters.map(({ name, removedChars }) => `${name}: ${removedChars}\n`).join('');
  if (fitted.kind === 'nothing') return `── nothing, by ${fitted.by}\n── removed\n${removed}`;
  const covered = fitted.covers > 0 ? `⟦${suffix.slice(0, fitted.covers)}⟧` : '';
  const shown = `${prefix}├${fitted.text}┤${covered}${suffix.slice(fitted.covers)}`;
  return `── shown\n${drawn(shown)}\n── removed\n${removed}`;
}

function drawn(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '→')
    .replace(/ +$/gm, (spaces) => '·'.repeat(spaces.length));
}

describe('golden completions', () => {
  it.each(files)('%s', (name) => {
    const golden = read(name);
    expect(fit(golden)).toBe(golden.result);
  });

  it('there are cases for every filter', () => {
    const folders = new Set(files.map((name) => name.slice(0, name.indexOf('/')).replaceAll('-', ' ')));
    expect([...folders].toSorted()).toEqual(FILTERS.map(({ name }) => name).toSorted());
  });
});
