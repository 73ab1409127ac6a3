import { describe, expect, it } from 'vitest';
import { CLOSED, type Circuit, afterFailure, isDue } from './circuit.ts';

describe('the circuit of a region', () => {
  it('opens after two cheap failures in a row, or a costly one', () => {
    const once = afterFailure(CLOSED, 'cheap', 0, 0.5);
    expect(once).toEqual({ kind: 'closed', failures: 1 });
    expect(afterFailure(once, 'cheap', 0, 0.5)).toEqual({ kind: 'open', until: 5000, times: 1 });
    expect(afterFailure(CLOSED, 'costly', 0, 0.5)).toEqual({ kind: 'open', until: 5000, times: 1 });
  });

  it('is looked at when its time is over, which doubles to a minute while the region is away', () => {
    let circuit: Circuit = afterFailure(CLOSED, 'costly', 0, 0.5);
    const waits: number[] = [];
    for (let now = 0; waits.length < 6;) {
      if (circuit.kind !== 'open') throw new Error('expected an open circuit');
      waits.push(circuit.until - now);
      expect(isDue(circuit, circuit.until - 1)).toBe(false);
      expect(isDue(circuit, circuit.until)).toBe(true);
      now = circuit.until;
      circuit = afterFailure({ kind: 'half-open', times: circuit.times }, 'costly', now, 0.5);
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('spreads its time over half of it, so that windows do not come back together', () => {
    expect(afterFailure(CLOSED, 'costly', 0, 0)).toMatchObject({ until: 3750 });
    expect(afterFailure(CLOSED, 'costly', 0, 0.999)).toMatchObject({ until: expect.closeTo(6247.5) });
  });

  it('does not stay open longer because of requests that were under way', () => {
    const open = afterFailure(CLOSED, 'costly', 0, 0.5);
    expect(afterFailure(open, 'costly', 4000, 0.5)).toBe(open);
  });
});
