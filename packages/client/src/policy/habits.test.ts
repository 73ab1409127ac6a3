import type { TelemetryEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createHabits } from './habits.ts';

const MINUTE_MS = 60_000;

type Type = 'accepted' | 'rejected' | 'ignored' | 'partially-accepted' | 'typed-through' | 'shown';

function open() {
  let at = 0;
  const habits = createHabits(() => at);
  return {
    habits,
    pass: (ms: number) => (at += ms),
    dismissed(times: number) {
      for (let i = 0; i < times; i++) habits.dismissed();
    },
    happens(type: Type, { times = 1, chars = 20, lines = 1, language = 'typescript' } = {}) {
      for (let i = 0; i < times; i++) {
        habits.learn({ type: `completion-${type}`, chars, lines, language } as TelemetryEvent);
      }
    },
  };
}

const middle = { language: 'typescript', chars: 20, lines: 1 };

describe('dismissals by hand', () => {
  it('are free when few, and then make every question wait longer, up to three times', () => {
    const { habits, dismissed } = open();
    dismissed(2);
    expect(habits.backOff()).toBe(1);
    dismissed(1);
    expect(habits.backOff()).toBeCloseTo(1.5);
    dismissed(50);
    expect(habits.backOff()).toBeCloseTo(3);
  });

  it('are taken back by acceptances of any kind, and by time', () => {
    const { habits, happens, dismissed, pass } = open();
    dismissed(4);
    const before = habits.backOff();
    happens('partially-accepted');
    expect(habits.backOff()).toBeLessThan(before);
    happens('accepted');
    expect(habits.backOff()).toBe(1);
    dismissed(50);
    pass(5 * MINUTE_MS);
    expect(habits.backOff()).toBeLessThan(2);
    pass(5 * MINUTE_MS);
    expect(habits.backOff()).toBe(1);
  });

  it('do not grow when a clock is set back', () => {
    const { habits, dismissed, pass } = open();
    dismissed(4);
    const before = habits.backOff();
    pass(-60 * MINUTE_MS);
    expect(habits.backOff()).toBeCloseTo(before);
  });

  it('are not what is ignored, typed past or only shown', () => {
    const { habits, happens } = open();
    happens('rejected', { times: 20 });
    happens('ignored', { times: 20 });
    happens('shown', { times: 20 });
    expect(habits.backOff()).toBe(1);
  });
});

describe('the odds of an acceptance', () => {
  it('are those of most people until something is known', () => {
    expect(open().habits.odds.of(middle)).toBeCloseTo(0.3);
  });

  it('follow what the user does, and forget', () => {
    const { habits, happens } = open();
    happens('accepted', { times: 60 });
    expect(habits.odds.of(middle)).toBeGreaterThan(0.7);
    happens('ignored', { times: 150 });
    expect(habits.odds.of(middle)).toBeLessThan(0.3);
  });

  it('differ by language and by length', () => {
    const { habits, happens } = open();
    happens('accepted', { times: 30, chars: 8 });
    happens('ignored', { times: 30, chars: 300, lines: 9 });
    const { odds } = habits;
    expect(odds.of({ ...middle, chars: 5 })).toBeGreaterThan(2 * odds.of({ ...middle, chars: 200, lines: 4 }));
    happens('rejected', { times: 30, language: 'css' });
    expect(odds.of({ ...middle, language: 'css' })).toBeLessThan(odds.of({ ...middle, language: 'go' }));
  });

  it('stay probabilities, however much is known', () => {
    const { habits, happens } = open();
    happens('accepted', { times: 2000 });
    expect(habits.odds.of(middle)).toBeGreaterThan(0.9);
    expect(habits.odds.of(middle)).toBeLessThan(1);
  });
});
