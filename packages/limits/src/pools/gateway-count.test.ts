import { describe, expect, it } from 'vitest';
import { type GatewayCount, ONE_GATEWAY, afterCount } from './gateway-count.ts';

/** What is believed after each second's count. */
function believed(counts: readonly number[]): number[] {
  let count: GatewayCount = ONE_GATEWAY;
  return counts.map((heard, second) => (count = afterCount(count, heard, second * 1_000)).gateways);
}

describe('how many gateways there are', () => {
  it('is what the store says, when it says more', () => {
    expect(believed([1, 3, 4])).toEqual([1, 3, 4]);
  });

  it('is not less because a store that has lost its data counts anew', () => {
    expect(believed([4, 1, 2, 4, 4])).toEqual([4, 4, 4, 4, 4]);
  });

  it('is less when the store has said so for as long as it remembers who has gone', () => {
    expect(believed([4, ...Array<number>(11).fill(2)])).toEqual([...Array<number>(11).fill(4), 2]);
    expect(believed([4, 2, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1]).at(-1)).toBe(3);
  });

  it('is at least this one', () => {
    expect(believed([2, ...Array<number>(12).fill(0)]).at(-1)).toBe(1);
  });
});
