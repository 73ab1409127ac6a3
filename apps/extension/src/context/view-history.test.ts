import { createManualClock } from '@ghostline/client/testing';
import { describe, expect, it } from 'vitest';
import { createViewHistory } from './view-history.ts';

function open() {
  const clock = createManualClock();
  const history = createViewHistory<string, string>(clock);
  return {
    clock,
    history,
    show: (pane: string, document: string, start = 0, end = start + 10) =>
      history.shows(pane, { document, start, end }),
    seen: (besides = 'here') =>
      history.viewedBesides(besides).map(({ document, start, end }) => `${document} ${start}-${end}`),
  };
}

describe('what was on screen', () => {
  it('counts after a second', async () => {
    const { clock, show, seen } = open();
    show('left', 'a');
    await clock.advance(999);
    expect(seen()).toEqual([]);
    await clock.advance(1);
    expect(seen()).toEqual(['a 0-10']);
  });

  it('does not count when it was scrolled past', async () => {
    const { clock, show, seen } = open();
    for (let line = 0; line < 100; line += 20) {
      show('left', 'a', line);
      await clock.advance(500);
    }
    await clock.advance(500);
    expect(seen()).toEqual(['a 80-90']);
  });

  it('counts in other documents only, most recent first, five at most', async () => {
    const { clock, show, seen } = open();
    for (const document of ['a', 'b', 'here', 'c', 'd', 'e', 'f']) {
      show('left', document);
      await clock.advance(1000);
    }
    expect(seen()).toEqual(['f 0-10', 'e 0-10', 'd 0-10', 'c 0-10', 'b 0-10']);
  });

  it('counts for five minutes from when it was left', async () => {
    const { clock, history, show, seen } = open();
    show('right', 'a');
    await clock.advance(600_000);
    expect(seen()).toEqual(['a 0-10']);
    history.shows('right', undefined);
    await clock.advance(300_000);
    expect(seen()).toEqual(['a 0-10']);
    await clock.advance(1);
    expect(seen()).toEqual([]);
  });

  it('takes the place of what it overlaps', async () => {
    const { clock, show, seen } = open();
    for (const start of [0, 5, 30]) {
      show('left', 'a', start);
      await clock.advance(1000);
    }
    expect(seen()).toEqual(['a 30-40', 'a 5-15']);
  });

  it('is the middle of a tall screen', async () => {
    const { clock, show, seen } = open();
    show('left', 'a', 100, 200);
    await clock.advance(1000);
    expect(seen()).toEqual(['a 130-170']);
  });

  it('is not kept waiting for when the pane closes, and is forgotten on request', async () => {
    const { clock, history, show, seen } = open();
    show('left', 'a');
    history.shows('left', undefined);
    await clock.advance(5000);
    expect(seen()).toEqual([]);
    show('left', 'b');
    await clock.advance(1000);
    history.shows('left', undefined);
    history.forget('b');
    expect(seen()).toEqual([]);
  });
});
