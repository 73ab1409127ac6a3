import { describe, expect, it } from 'vitest';
import { type JournalEntry, keysOf, parseLine, parseLines, stateOf } from './journal.ts';

const at = '2026-11-21T09:00:00.000Z';
const T = Date.parse(at);
const created = (id: string, digit = 'a'): JournalEntry => ({
  v: 1,
  type: 'created',
  at,
  id,
  sha256: digit.repeat(64),
  org: 'acme',
  team: 'web',
  user: 'alice',
  roles: ['developer'],
});
const revoked = (id: string, time = at): JournalEntry => ({ v: 1, type: 'revoked', at: time, id });

describe('a line of the journal', () => {
  it('is an entry when it is whole', () => {
    expect(parseLine(JSON.stringify(created('a')))).toEqual({ kind: 'entry', entry: created('a') });
  });

  it('is torn wherever it was cut', () => {
    const line = JSON.stringify(created('a'));
    for (let end = 1; end < line.length; end++) expect(parseLine(line.slice(0, end)).kind).toBe('torn');
  });

  it('is foreign when it is of another version or kind, or is damaged within', () => {
    const unknown = [
      { ...created('a'), v: 2 },
      { ...created('a'), type: 'suspended' },
      { ...created('a'), sha256: 'short' },
      { ...created('a'), roles: ['root'] },
      { ...created('a'), expires: 'tomorrow' },
      { ...revoked('a'), id: '../a' },
      [],
      null,
    ];
    expect(parseLines(unknown.map((value) => JSON.stringify(value)))).toEqual({ entries: [], foreign: unknown.length });
  });
});

describe('what a journal amounts to', () => {
  const stateAfter = (...entries: JournalEntry[]) => [...keysOf(entries).byId.values()];

  it('is the keys in the order of their creation', () => {
    expect(stateAfter(created('b'), created('a')).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('keeps the first of two keys with one id', () => {
    expect(stateAfter(created('a', 'a'), created('a', 'b'))).toMatchObject([{ sha256: 'a'.repeat(64) }]);
  });

  it('revokes for ever, from the first revocation on', () => {
    const later = '2026-11-22T09:00:00.000Z';
    expect(stateAfter(created('a'), revoked('a'), revoked('a', later), created('a', 'b'))).toMatchObject([
      { revoked: T, sha256: 'a'.repeat(64) },
    ]);
  });

  it('revokes what comes later, as in a journal that was joined from two', () => {
    expect(stateAfter(revoked('a'), created('a'))).toMatchObject([{ id: 'a', revoked: T }]);
    expect(stateAfter(revoked('nobody'))).toEqual([]);
  });
});

describe('a key', () => {
  it('is active until its expiry, and revoked whatever else it is', () => {
    expect(stateOf({ expires: undefined, revoked: undefined }, T)).toBe('active');
    expect(stateOf({ expires: T + 1, revoked: undefined }, T)).toBe('active');
    expect(stateOf({ expires: T, revoked: undefined }, T)).toBe('expired');
    expect(stateOf({ expires: T, revoked: T }, T)).toBe('revoked');
  });
});
