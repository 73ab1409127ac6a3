import { describe, expect, it } from 'vitest';
import { type PaceInput, paceOf } from './pace.ts';
import { createTyping } from './typing.ts';

const typing = createTyping(() => 0);

function delay(prefix: string, input: Partial<PaceInput> = {}): number {
  return paceOf({
    trigger: 'automatic',
    pace: undefined,
    delayMs: undefined,
    prefix,
    typing,
    sinceChangeMs: 0,
    expectedLatencyMs: 0,
    afterDeletion: false,
    backOff: 1,
    ...input,
  }).delayMs;
}

describe('the pace', () => {
  it('is none by hand and ahead of time, whatever the setting', () => {
    expect(delay('con', { trigger: 'manual', delayMs: 500 })).toBe(0);
    expect(delay('con', { trigger: 'speculative', delayMs: 500 })).toBe(0);
  });

  it('is the figure the user gave, exactly', () => {
    expect(delay('con', { delayMs: 300, pace: 'eager', backOff: 3, sinceChangeMs: 50 })).toBe(300);
    expect(delay('con', { delayMs: 0 })).toBe(0);
    expect(delay('con', { delayMs: -5 })).toBe(0);
  });

  it('waits longest within a word, less where one has ended, and not at all at the start of a line', () => {
    const calm = { pace: 'calm' } as const;
    expect(delay('  con', calm)).toBeGreaterThan(delay('  con ', calm));
    expect(delay('foo(', calm)).toBeLessThan(delay('foo', calm));
    expect(delay('a();\n  ', calm)).toBe(0);
  });

  it('is calmer or more eager as chosen', () => {
    const fast = { typing: typist(90), expectedLatencyMs: 150 };
    expect(delay('con', { ...fast, pace: 'calm' })).toBeGreaterThan(delay('con', { ...fast, pace: 'balanced' }));
    expect(delay('con', { ...fast, pace: 'balanced' })).toBeGreaterThan(delay('con', { ...fast, pace: 'eager' }));
  });

  it('waits for nothing where the answer is there before the next key, unless calm', () => {
    const slow = { typing: typist(300), expectedLatencyMs: 150 };
    expect(delay('con', slow)).toBe(0);
    expect(delay('con', { ...slow, pace: 'calm' })).toBeGreaterThan(200);
  });

  it('lets the user go on deleting', () => {
    expect(delay('con', { afterDeletion: true, sinceChangeMs: 50 })).toBe(100);
    expect(delay('con', { afterDeletion: true, trigger: 'manual' })).toBe(0);
    expect(delay('con', { afterDeletion: true, delayMs: 10 })).toBe(10);
  });

  it('counts what was waited already', () => {
    expect(delay('con', { pace: 'calm', sinceChangeMs: 40 })).toBe(delay('con', { pace: 'calm' }) - 40);
    expect(delay('con', { sinceChangeMs: 5000 })).toBe(0);
  });

  it('asks sooner for an answer that takes long, by half at most', () => {
    const calm = { pace: 'calm' } as const;
    expect(delay('con', { ...calm, expectedLatencyMs: 100 })).toBe(delay('con', calm) - 25);
    expect(delay('con', { ...calm, expectedLatencyMs: 60_000 })).toBeGreaterThanOrEqual(delay('con', calm) / 2 - 1);
  });

  it('follows how fast the user types, within bounds', () => {
    expect(delay('con', { pace: 'calm', typing: typist(60) })).toBeLessThan(100);
    expect(delay('con', { pace: 'calm', typing: typist(300) })).toBeGreaterThan(300);
    expect(delay('con', { pace: 'calm', typing: typist(999) })).toBe(600);
  });

  it('is longer while suggestions are being rejected, also at the start of a line', () => {
    expect(delay('con', { backOff: 2, pace: 'calm' })).toBeGreaterThan(1.9 * delay('con', { pace: 'calm' }));
    expect(delay('a();\n', { backOff: 3, pace: 'calm' })).toBeGreaterThan(0);
  });

  it('says what it was made of', () => {
    const input = { pace: 'calm', expectedLatencyMs: 100, backOff: 2 } as const;
    const { because } = paceOf({
      trigger: 'automatic',
      delayMs: undefined,
      prefix: 'con',
      typing,
      afterDeletion: false,
      sinceChangeMs: 0,
      ...input,
    });
    expect(because).toEqual(['pace-calm', 'in-word', 'latency', 'rejections']);
  });
});

/** Somebody who has typed for a while with this interval, in ms. */
function typist(intervalMs: number) {
  let at = 0;
  const typing = createTyping(() => at);
  for (let key = 0; key < 400; key++) {
    typing.changed({ uri: 'a', offset: key, deleted: 0, inserted: 'x' });
    at += intervalMs;
  }
  return typing;
}
