import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { openPage } from './testing/page.ts';

const SETTLE_MS = 1000;
const TEXT = 'alpha.beta(gamma);';

const parts = (page: ReturnType<typeof openPage>) =>
  page.of('partially-accepted').map(({ how, accepted_chars }) => [how, accepted_chars]);

describe('a part that the editor says was accepted', () => {
  it('is measured, and counted once, after its change', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'measured');
    page.edit(page.cursor, 0, 'alpha');
    page.lifetime.partiallyAccepted(suggestion, 5);
    expect(parts(page)).toEqual([['measured', 5]]);
    await page.clock.advance(10 * SETTLE_MS);
    expect(parts(page)).toEqual([['measured', 5]]);
  });

  it('is measured, and counted once, before its change', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'measured');
    page.lifetime.partiallyAccepted(suggestion, 5);
    expect(parts(page)).toEqual([]);
    page.edit(page.cursor, 0, 'alpha');
    await page.clock.advance(10 * SETTLE_MS);
    expect(parts(page)).toEqual([['measured', 5]]);
  });

  it('is one character, which looks like typing', async () => {
    for (const hookFirst of [false, true]) {
      const page = openPage('x = █');
      const suggestion = page.suggest('(alpha)', 'measured');
      if (hookFirst) page.lifetime.partiallyAccepted(suggestion, 1);
      page.edit(page.cursor, 0, '(');
      if (!hookFirst) page.lifetime.partiallyAccepted(suggestion, 1);
      await page.clock.advance(15_000);
      expect(parts(page)).toEqual([['measured', 1]]);
      expect(page.ratios).toEqual([[15, 0]]);
    }
  });

  it('is counted from where the last one ended, with what was typed between left out', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'measured');
    page.edit(page.cursor, 0, 'alpha');
    page.lifetime.partiallyAccepted(suggestion, 5);
    page.type('.');
    page.edit(page.cursor, 0, 'beta');
    page.lifetime.partiallyAccepted(suggestion, 10);
    await page.clock.advance(15_000);
    expect(parts(page)).toEqual([
      ['measured', 5],
      ['measured', 4],
    ]);
    expect(page.ratios).toEqual([[15, 0]]);
  });

  it('is counted from the beginning of the rest that was shown for it', async () => {
    const page = openPage('x = █');
    const { completionId, viewId } = page.suggest(TEXT, 'measured');
    page.type('alpha');
    const rest = page.suggestAgain(TEXT, 5, 'measured', completionId, viewId);
    page.lifetime.partiallyAccepted(rest, '.beta'.length);
    page.edit(page.cursor, 0, '.beta');
    await page.clock.advance(SETTLE_MS);
    expect(parts(page)).toEqual([['measured', 5]]);
  });

  it('is a key that was typed only if it ends there', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'measured');
    page.type('al');
    page.lifetime.partiallyAccepted(suggestion, 1);
    await page.clock.advance(10 * SETTLE_MS);
    expect(parts(page)).toEqual([]);
  });

  it('is the whole, by an entry of the completion list: then it is an acceptance', async () => {
    for (const hookFirst of [false, true]) {
      const page = openPage('x = █');
      const suggestion = page.suggest('alpha', 'measured');
      if (hookFirst) page.lifetime.partiallyAccepted(suggestion, 5);
      page.edit(page.cursor, 0, 'alpha');
      if (!hookFirst) page.lifetime.partiallyAccepted(suggestion, 5);
      await page.clock.advance(15_000);
      expect(page.of('accepted')).toMatchObject([{ how: 'measured', accepted_chars: 5 }]);
      expect(parts(page)).toEqual([]);
      expect(page.ratios).toEqual([[15, 0]]);
    }
  });

  it('of a view that is unknown, or has ended, is of no account', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'measured');
    page.accept(suggestion);
    page.lifetime.partiallyAccepted(suggestion, 5);
    page.lifetime.partiallyAccepted({ ...suggestion, viewId: v7() }, 5);
    await page.clock.advance(10 * SETTLE_MS);
    expect(parts(page)).toEqual([]);
  });
});

describe('a part that the editor says nothing about', () => {
  it('is concluded after a second where it has said what it shows', async () => {
    const page = openPage('x = █');
    page.suggest(TEXT, 'measured');
    page.edit(page.cursor, 0, 'alpha');
    const at = page.clock.now();
    await page.clock.advance(SETTLE_MS - 1);
    expect(parts(page)).toEqual([]);
    await page.clock.advance(1);
    expect(parts(page)).toEqual([['inferred', 5]]);
    expect(page.of('partially-accepted')[0]!.time).toBe(new Date(at).toISOString());
    expect(page.of('shown')).toHaveLength(1);
  });

  it('is concluded at once where it never does, and a late word about it counts nothing twice', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT, 'inferred');
    page.edit(page.cursor, 0, 'alpha');
    expect(parts(page)).toEqual([['inferred', 5]]);
    page.lifetime.partiallyAccepted(suggestion, 5);
    await page.clock.advance(10 * SETTLE_MS);
    expect(parts(page)).toEqual([['inferred', 5]]);
  });

  it.each([
    ['the next part', (page: Page) => page.edit(page.cursor, 0, '.beta'), 'partially-accepted'],
    ['the acceptance of the rest', (page: Page) => page.lifetime.accepted(page.viewId, 'measured'), 'accepted'],
    ['a rejection', (page: Page) => page.lifetime.dismissed(page.viewId, 'rejected', 'measured'), 'rejected'],
    ['another text typed', (page: Page) => page.type('x'), 'rejected'],
    ['the end', (page: Page) => page.lifetime.dispose(), 'ignored'],
  ])('comes before %s', async (_, then, last) => {
    const page = openPage('x = █');
    const { viewId } = page.suggest(TEXT, 'measured');
    page.edit(page.cursor, 0, 'alpha');
    then(Object.assign(page, { viewId }));
    await page.clock.advance(SETTLE_MS);
    expect(page.events.map(({ type }) => type.slice(11))).toEqual(['shown', 'partially-accepted', last]);
  });
});

describe('characters that are deleted and accepted once more', () => {
  it('are counted once', async () => {
    const page = openPage('x = █');
    const suggestion = page.suggest(TEXT);
    page.edit(page.cursor, 0, 'alpha');
    page.edit(page.cursor - 3, 3, '');
    page.edit(page.cursor, 0, 'pha.beta');
    page.edit(page.cursor - 10, 10, '');
    page.accept(suggestion);
    expect(parts(page).map(([, chars]) => chars)).toEqual([5, 5]);
    expect(page.of('accepted')).toMatchObject([{ accepted_chars: TEXT.length - 10 }]);
  });
});

type Page = ReturnType<typeof openPage> & { viewId: string };
