import { describe, expect, it } from 'vitest';
import type { Recording } from './recording.ts';
import { type Script, toScript } from './script.ts';

const open = (text: string, path = 'a.ts') => ({ t_ms: 0, kind: 'open', path, language: 'typescript', text }) as const;
const edit = (t_ms: number, offset: number, inserted: string, deleted = 0, path = 'a.ts') =>
  ({ t_ms, kind: 'edit', path, offset, deleted, inserted }) as const;
const cursor = (t_ms: number, offset: number, path = 'a.ts') => ({ t_ms, kind: 'cursor', path, offset }) as const;

function drawn({ steps }: Script): string[] {
  return steps.map(
    ({ afterMs, scene: { text, cursor } }) => `${afterMs} ${text.slice(0, cursor)}█${text.slice(cursor)}`,
  );
}

describe('a script', () => {
  it('knows the document and the cursor after each step, and the time before it', () => {
    const recording: Recording = [open('ab'), edit(100, 1, 'x'), cursor(400, 0), edit(450, 0, '', 1)];
    expect(drawn(toScript(recording))).toEqual(['100 ax█b', '300 █axb', '50 █xb']);
  });

  it('takes a cursor at the time of an edit as where that edit leaves it, as auto-closed brackets do', () => {
    const recording: Recording = [open('f'), edit(100, 1, '()'), cursor(100, 2), cursor(200, 3)];
    expect(drawn(toScript(recording))).toEqual(['100 f(█)', '100 f()█']);
  });

  it('types what an accept leaves to a suggestion by hand, in the rhythm of the recording', () => {
    const recording: Recording = [
      open(''),
      edit(100, 0, 'a'),
      edit(180, 1, 'b'),
      edit(300, 2, 'c'),
      { t_ms: 1000, kind: 'accept' },
      edit(1200, 3, ' =\n  👻'),
      edit(3000, 10, ';'),
    ];
    const script = toScript(recording);
    expect(drawn(script)).toEqual([
      '100 a█',
      '80 ab█',
      '120 abc█',
      '700 abc█',
      '200 abc █',
      '80 abc =█',
      '120 abc =\n  █',
      '80 abc =\n  👻█',
      '1800 abc =\n  👻;█',
    ]);
    expect(script.steps[3]?.action.kind).toBe('look');
  });

  it('deletes with the first key what the accepted text replaces', () => {
    const recording: Recording = [open('f()'), { t_ms: 9, kind: 'accept' }, edit(10, 2, 'x)', 1)];
    expect(drawn(toScript(recording)).slice(1)).toEqual(['1 f(x█', '300 f(x)█']);
  });

  it('sees edits at one place as one run, with what was there and what came of it', () => {
    const recording: Recording = [
      open('one\ntwo\n'),
      edit(1, 3, '!'),
      edit(2, 4, '?'),
      edit(3, 4, '', 1),
      edit(4, 8, '', 1),
      edit(5, 8, 'O'),
    ];
    const { runs } = toScript(recording);
    expect(runs).toEqual([
      { path: 'a.ts', before: 'one', text: '!', after: '\ntwo\n', first: 0, last: 2 },
      { path: 'a.ts', before: 'one!\ntwo'.slice(0, 8), text: 'O', after: '', first: 3, last: 4 },
    ]);
  });

  it('keeps documents apart', () => {
    const recording: Recording = [open('a'), open('b', 'b.ts'), edit(1, 1, '1'), edit(2, 1, '2', 0, 'b.ts')];
    const { runs, start } = toScript(recording);
    expect(start.path).toBe('a.ts');
    expect(runs.map(({ path, before, text }) => [path, before, text])).toEqual([
      ['a.ts', 'a', '1'],
      ['b.ts', 'b', '2'],
    ]);
  });
});
