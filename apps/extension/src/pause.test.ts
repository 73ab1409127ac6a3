import { describe, expect, it } from 'vitest';
import { type Pause, createPause } from './pause.ts';

const START = Date.UTC(2026, 10, 21, 9, 30);
const MINUTE = 60_000;

function aWindow(kept = new Map<string, unknown>()) {
  let at = START;
  let everywhere = false;
  const timers = new Map<() => void, number>();
  const changes: Pause['kind'][] = [];
  const open = () =>
    createPause({
      memory: { get: (key) => kept.get(key), update: async (key, value) => void kept.set(key, value) },
      pausedEverywhere: () => everywhere,
      onChange: () => changes.push('none'),
      now: () => at,
      setTimer(work, ms) {
        timers.set(work, at + ms);
        return () => timers.delete(work);
      },
    });
  return {
    kept,
    changes,
    timers,
    open,
    setEverywhere: (value: boolean) => (everywhere = value),
    /** The clock goes on; with `asleep` the timers only come afterwards. */
    pass(ms: number) {
      at += ms;
      for (const [work, due] of timers) {
        if (due > at) continue;
        timers.delete(work);
        work();
      }
    },
    sleep: (ms: number) => void (at += ms),
  };
}

describe('pausing this window', () => {
  it('ends by itself after the minutes asked for, and says so', () => {
    const window = aWindow();
    const pause = window.open();
    pause.forMinutes(5);
    expect(pause.current()).toEqual({ kind: 'until', at: START + 5 * MINUTE });
    window.pass(5 * MINUTE - 1);
    expect(pause.current().kind).toBe('until');
    window.pass(1);
    expect(pause.current()).toEqual({ kind: 'none' });
    expect(window.changes).toHaveLength(2);
  });

  it('survives loading the window anew', () => {
    const window = aWindow();
    window.open().forMinutes(30);
    const again = window.open();
    expect(again.current()).toEqual({ kind: 'until', at: START + 30 * MINUTE });
    window.pass(30 * MINUTE);
    expect(again.current().kind).toBe('none');
    expect(window.kept.get('paused-until')).toBeUndefined();
  });

  it('is over when the machine slept through its end, before any timer says so', () => {
    const window = aWindow();
    const pause = window.open();
    pause.forMinutes(5);
    window.sleep(60 * MINUTE);
    expect(pause.current().kind).toBe('none');
    expect(window.open().current().kind).toBe('none');
  });

  it('goes on when the clock was set back meanwhile', () => {
    const window = aWindow();
    const pause = window.open();
    pause.forMinutes(5);
    const [work] = [...window.timers.keys()];
    window.sleep(-10 * MINUTE);
    work?.();
    expect(pause.current().kind).toBe('until');
    expect(window.changes).toHaveLength(1);
  });

  it('until the restart is forgotten by it', () => {
    const window = aWindow();
    const pause = window.open();
    pause.forMinutes(5);
    pause.untilRestart();
    window.pass(60 * MINUTE);
    expect(pause.current()).toEqual({ kind: 'until-restart' });
    expect(window.open().current()).toEqual({ kind: 'none' });
  });

  it('is ended by resuming, and by that only of this window', () => {
    const window = aWindow();
    const pause = window.open();
    pause.untilRestart();
    pause.resume();
    expect(pause.current()).toEqual({ kind: 'none' });
    window.setEverywhere(true);
    pause.resume();
    expect(pause.current()).toEqual({ kind: 'everywhere' });
  });

  it('runs no timer after disposal', () => {
    const window = aWindow();
    const pause = window.open();
    pause.forMinutes(5);
    pause.dispose();
    expect(window.timers.size).toBe(0);
  });
});
