import { networkOf } from './failures.ts';

/** Those who wait for an issuer because of a token that nobody here can judge: so many in all, and so many of one address. */
export interface WaitingRoom {
  /** Leaves with the answer; undefined when there is no room. */
  enter(address: string): (() => void) | undefined;
}

export function createWaitingRoom({
  total,
  perAddress,
}: {
  readonly total: number;
  readonly perAddress: () => number;
}): WaitingRoom {
  const waiting = new Map<string, number>();
  let count = 0;
  return {
    enter(address) {
      const network = networkOf(address);
      const here = waiting.get(network) ?? 0;
      if (count >= total || here >= perAddress()) return undefined;
      count += 1;
      waiting.set(network, here + 1);
      return () => {
        count -= 1;
        const left = waiting.get(network)! - 1;
        if (left === 0) waiting.delete(network);
        else waiting.set(network, left);
      };
    },
  };
}
