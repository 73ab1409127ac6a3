import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { moneyPool } from '@ghostline/limits';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeptCounts } from './kept-counts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { rule } = moneyPool({ scope: 'user', owner: 'alice', slot: 'acme' }, 'day', 1_000, Date.now());
const nothing = { holder: 'a', held: 0, spent: 0, known: 0, born: '', want: 0, need: 0, keep: 0 };
const file = () => path.join(folder, 'budgets.json');

function open() {
  const errors: string[] = [];
  return { ...openKeptCounts(folder, (error) => errors.push(String(error))), errors };
}

describe('what a gateway on its own has spent', () => {
  it('is there again after a restart', () => {
    const before = open();
    before.store.exchange(rule, { ...nothing, spent: 400 });
    before.close();
    const after = open();
    expect(after.store.exchange(rule, { ...nothing, holder: 'b' }).available).toBe(600);
    after.close();
    expect(before.errors.concat(after.errors)).toEqual([]);
  });

  it('is no file where no budget was ever spent', () => {
    open().close();
    expect(() => readFileSync(file())).toThrow('ENOENT');
  });

  it('begins anew, and says so, when its file is damaged', () => {
    writeFileSync(file(), '{');
    const { store, errors, close } = open();
    expect(errors).toEqual([expect.stringContaining('JSON')]);
    expect(store.exchange(rule, nothing).available).toBe(1_000);
    close();
  });
});
