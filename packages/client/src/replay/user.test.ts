import { describe, expect, it } from 'vitest';
import type { Suggestion } from '../types.ts';
import type { Ghost } from './ghost.ts';
import type { RecordedEvent } from './recording.ts';
import { type Scene, toScript } from './script.ts';
import { agreementOf, createUser, isWorthIt, readingMs } from './user.ts';

const keys = (...edits: [offset: number, inserted: string, deleted?: number, cursor?: number][]): RecordedEvent[] =>
  edits.flatMap(([offset, inserted, deleted = 0, cursor], i): RecordedEvent[] => {
    const at = { t_ms: 100 * (i + 1), path: 'a.ts' };
    const edit = { ...at, kind: 'edit', offset, deleted, inserted } as const;
    return cursor === undefined ? [edit] : [edit, { ...at, kind: 'cursor', offset: cursor }];
  });
const scriptOf = (text: string, events: readonly RecordedEvent[]) =>
  toScript([{ t_ms: 0, kind: 'open', path: 'a.ts', language: 'typescript', text }, ...events]);
const typed = (text: string, offset = 0) => keys(...[...text].map((char, i): [number, string] => [offset + i, char]));
const ghost = (text: string, end = 0): Ghost => ({ suggestion: {} as Suggestion, text, end });
const at = (text: string, cursor = text.length): Scene => ({ path: 'a.ts', text, cursor });

describe('what of a suggestion is what was going to be written', () => {
  const script = scriptOf('', typed('return total;\nnext();'));

  it('is all of it', () => {
    const agreement = agreementOf(script, 0, at(''), ghost('return total;'));
    expect(agreement).toMatchObject({ text: 'return total;', whole: true, next: 13, saved: 12 });
  });

  it('is the rest of it behind what was typed along', () => {
    const agreement = agreementOf(script, 4, at('retu'), ghost('rn total;', 4));
    expect(agreement).toMatchObject({ text: 'rn total;', whole: true, next: 13, saved: 8 });
  });

  it('is its first line', () => {
    const agreement = agreementOf(script, 0, at(''), ghost('return total;\nother();'));
    expect(agreement).toMatchObject({ text: 'return total;', whole: false, presses: ['return total;'], next: 13 });
  });

  it('is its first words, each of which takes a key', () => {
    const agreement = agreementOf(script, 0, at(''), ghost('return total.sum;'));
    expect(agreement).toMatchObject({ text: 'return total', presses: ['return', ' total'], next: 12, saved: 10 });
  });

  it('is nothing when the first word differs', () => {
    expect(agreementOf(script, 0, at(''), ghost('throw total;'))).toBeUndefined();
  });

  it('is what comes of typing errors and auto-closed brackets in the end', () => {
    const slips = scriptOf('', [
      ...keys([0, 'f'], [1, '()', 0, 2], [2, 'x'], [2, '', 1], [2, 'a'], [3, ')', 1]),
      { t_ms: 900, kind: 'edit', path: 'a.ts', offset: 4, deleted: 0, inserted: ';' },
    ]);
    expect(agreementOf(slips, 1, at('f'), ghost('(a)', 1))).toMatchObject({ whole: true, next: 6, saved: 4 });
    // Only once the bracket is there is the cursor behind it.
    expect(agreementOf(slips, 2, at('f()', 2), ghost('a)', 3))).toMatchObject({ whole: true, next: 6, saved: 3 });
  });

  it('never reaches into another document', () => {
    const both = toScript([
      { t_ms: 0, kind: 'open', path: 'a.ts', language: 'typescript', text: '' },
      { t_ms: 0, kind: 'open', path: 'b.ts', language: 'typescript', text: '' },
      { t_ms: 1, kind: 'edit', path: 'b.ts', offset: 0, deleted: 0, inserted: 'same' },
    ]);
    expect(agreementOf(both, 0, at(''), ghost('same'))).toBeUndefined();
  });
});

describe('the user', () => {
  const user = createUser();

  it('reads longer texts longer, up to a limit', () => {
    expect(readingMs(user, '  0123456789\n')).toBe(300 + 150);
    expect(readingMs(user, 'x'.repeat(1000))).toBe(1500);
  });

  it('finds three saved keys worth a Tab, and six worth going word by word', () => {
    const agreement = { text: '', whole: true, next: 0 };
    const worth = (saved: number, presses: string[]) => isWorthIt(user, { ...agreement, saved, presses });
    expect([worth(2, ['x']), worth(3, ['x'])]).toEqual([false, true]);
    expect([worth(5, ['x', 'y']), worth(6, ['x', 'y'])]).toEqual([false, true]);
  });
});
