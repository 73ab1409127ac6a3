import type { Keystroke } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { explain } from './explain/explain.ts';
import { keyOf } from './fold.ts';
import { FOLLOWING, everything, follow, frameOf, read } from './reading.ts';
import { KEYSTROKES, keystroke, typingSession } from './testing/index.ts';

const titleOf = (one: Keystroke) => explain(one).title;
const frame = (latest: readonly Keystroke[], reader = FOLLOWING) => frameOf(latest, reader, titleOf);
const along = (id: number, changes: Partial<Keystroke> = {}) => keystroke({ id, ...changes });
const word = (id: number) => ({ ...KEYSTROKES['mid-word'], id, at: along(id).at });
const lines = ({ folds }: ReturnType<typeof frame>) =>
  folds.map(({ title, keystrokes }) => `${title} ×${keystrokes.length}`);

describe('the list', () => {
  it('folds neighbours that came to the same', () => {
    expect(lines(frame([along(4), along(3), word(2), along(1)]))).toEqual([
      'typed along ×2',
      'not asked: middle of a word ×1',
      'typed along ×1',
    ]);
  });
  it('keeps apart what had another fate', () => {
    expect(lines(frame([along(2, { fate: 'accepted' }), along(1)]))).toHaveLength(2);
  });
  it('folds across what the filter hides', () => {
    const reader = { ...FOLLOWING, filter: 'shown' } as const;
    expect(lines(frame([along(3), word(2), along(1)], reader))).toEqual(['typed along ×2']);
  });
  it('counts each kind, whatever the filter', () => {
    const { counts } = frame([along(3), word(2), along(1)], { ...FOLLOWING, filter: 'failed' });
    expect(counts).toEqual({ all: 3, shown: 2, 'not-asked': 1, nothing: 0, cancelled: 0, failed: 0 });
  });
  it('is empty without anything selected when nothing was typed, or nothing of that kind', () => {
    expect(frame([])).toMatchObject({ folds: [], selected: undefined, waiting: 0 });
    expect(frame([along(1)], { ...FOLLOWING, filter: 'failed' }).selected).toBeUndefined();
  });
});

describe('who follows', () => {
  it('has the newest in detail', () => {
    expect(frame([word(2), along(1)]).selected?.keystroke.id).toBe(2);
    expect(frame([along(3), word(2), along(1)]).selected?.keystroke.id).toBe(3);
  });
});

describe('who reads', () => {
  const before = [word(2), along(1)];
  const reader = read(FOLLOWING, before, keyOf(along(1)));

  it('keeps the list and the selection while newer ones wait', () => {
    const now = frame([along(4), along(3), ...before], reader);
    expect(now.folds.flatMap(({ keystrokes }) => keystrokes.map(({ id }) => id))).toEqual([2, 1]);
    expect(now.selected?.keystroke.id).toBe(1);
    expect(now.waiting).toBe(2);
  });
  it('still learns what became of what is there', () => {
    const now = frame([word(2), along(1, { fate: 'accepted' })], reader);
    expect(now.selected?.keystroke.fate).toBe('accepted');
  });
  it('keeps what the client has let go of since', () => {
    expect(frame([], reader).selected?.keystroke.id).toBe(1);
    const session = typingSession(100);
    const long = read(FOLLOWING, session, keyOf(session.at(-1)!));
    const later = typingSession(250).slice(0, 100);
    expect(frame(later, long)).toMatchObject({ waiting: 100, selected: { keystroke: { id: 1 } } });
  });
  it('does not take keystrokes of another session, whose numbers start again, for those it holds', () => {
    const other = { ...along(1), at: along(1).at + 60_000 };
    expect(frame([other], reader).waiting).toBe(1);
  });
  it('selects another without letting newer ones in', () => {
    const elsewhere = read(reader, [along(3), ...before], keyOf(word(2)));
    expect(frame([along(3), ...before], elsewhere)).toMatchObject({ waiting: 1, selected: { keystroke: { id: 2 } } });
  });
  it('can report what is held as well as what has come since, each once', () => {
    const session = typingSession(120);
    const long = read(FOLLOWING, session.slice(20), undefined);
    expect(everything(session.slice(0, 100), long).map(({ id }) => id)).toEqual(session.map(({ id }) => id));
    expect(everything(session, FOLLOWING)).toBe(session);
  });
  it('sees the newest of a kind when the filter hides what was selected', () => {
    expect(frame(before, { ...reader, filter: 'not-asked' }).selected?.keystroke.id).toBe(2);
  });
  it('follows again, with the filter as it was', () => {
    const now = frame([along(3), ...before], follow({ ...reader, filter: 'shown' }));
    expect(now).toMatchObject({ waiting: 0, selected: { keystroke: { id: 3 } } });
    expect(lines(now)).toEqual(['typed along ×2']);
  });
});
