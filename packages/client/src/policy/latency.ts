/** A sixth of every new answer: some ten answers, a minute of typing. */
const WEIGHT = 1 / 6;

/** What answers of the server take, in ms. */
export interface Latency {
  answered(ms: number): void;
  /** Undefined before the first. */
  expectedMs(): number | undefined;
}

export function createLatency(): Latency {
  let expected: number | undefined;
  return {
    answered(ms) {
      expected = expected === undefined ? ms : expected + WEIGHT * (ms - expected);
    },
    expectedMs: () => expected,
  };
}
