import { describe, expect, it } from 'vitest';
import { type Choice, type Standing, byPreference, reconsider } from './choice.ts';

const region = (key: string, networkMs: number | undefined, more: Partial<Standing> = {}): Standing => ({
  key,
  isHome: key === 'home',
  usable: true,
  networkMs,
  degraded: false,
  ...more,
});
const at = (current: string): Choice => ({ current, challenger: undefined });

/** Where requests go after these standings, one each second. */
function after(choice: Choice, seconds: readonly (readonly Standing[])[], settled = true): Choice {
  return seconds.reduce((before, standings, second) => reconsider(before, standings, second * 1000, settled), choice);
}
const lasting = (seconds: number, ...standings: Standing[]) => Array.from({ length: seconds }, () => standings);

describe('the choice of a region', () => {
  it('is home while no other is clearly better', () => {
    const slightly = lasting(100, region('home', 50), region('b', 40), region('c', 45));
    expect(after(at('home'), slightly).current).toBe('home');
    const nearBoth = lasting(100, region('home', 20), region('b', 2));
    expect(after(at('home'), nearBoth).current).toBe('home');
  });

  it('moves to one that is clearly better for half a minute', () => {
    const better = [region('home', 120), region('b', 30)];
    expect(after(at('home'), lasting(30, ...better)).current).toBe('home');
    expect(after(at('home'), lasting(31, ...better)).current).toBe('b');
  });

  it('moves at once before anything was asked', () => {
    expect(after(at('home'), lasting(1, region('home', 120), region('b', 30)), false).current).toBe('b');
  });

  it('does not flap: a lead that is interrupted starts anew', () => {
    const ahead = lasting(20, region('home', 120), region('b', 30));
    const behind = lasting(1, region('home', 40), region('b', 30));
    expect(after(at('home'), [...ahead, ...behind, ...ahead, ...behind, ...ahead]).current).toBe('home');
  });

  it('stays in one place while two others take turns at being better', () => {
    const turns = Array.from({ length: 120 }, (_, second) =>
      second % 10 < 5
        ? [region('home', 120), region('b', 30), region('c', 31)]
        : [region('home', 120), region('b', 31), region('c', 30)],
    );
    const settled = after(at('b'), turns);
    expect(settled.current).toBe('b');
  });

  it('leaves a region that does not answer at once, for the best that does', () => {
    const away = [region('home', 20, { usable: false }), region('b', 80), region('c', 60)];
    expect(after(at('home'), lasting(1, ...away)).current).toBe('c');
  });

  it('goes back home when that has answered for half a minute, and is no worse by much', () => {
    const back = [region('home', 40), region('b', 38)];
    expect(after(at('b'), lasting(30, ...back)).current).toBe('b');
    expect(after(at('b'), lasting(31, ...back)).current).toBe('home');
  });

  it('stays where it is when nobody answers', () => {
    const nobody = [region('home', 20, { usable: false }), region('b', 30, { usable: false })];
    expect(after(at('b'), lasting(60, ...nobody)).current).toBe('b');
  });

  it('falls back to another when the one in use is not named any more', () => {
    expect(after(at('gone'), lasting(1, region('home', 20))).current).toBe('home');
  });

  it('does not go to what was never measured, nor to what is not at its best, without need', () => {
    const unknown = lasting(60, region('home', 300), region('b', undefined));
    expect(after(at('home'), unknown).current).toBe('home');
    const degraded = lasting(60, region('home', 100), region('b', 20, { degraded: true }));
    expect(after(at('home'), degraded).current).toBe('home');
  });

  it('tries measured ones first, nearest first, and those that do not answer last', () => {
    const order = byPreference([
      region('b', 20, { usable: false }),
      region('home', undefined),
      region('c', 50),
      region('d', 40, { degraded: true }),
    ]);
    expect(order.map(({ key }) => key)).toEqual(['c', 'd', 'home', 'b']);
  });
});
