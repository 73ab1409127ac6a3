/** As GitHub Copilot does for its edits: half as long again for each rejection, forgotten within ten minutes. */
const PER_REJECTION = 1.5;
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** With a pace of 100 ms, 300 ms: who rejects everything is still offered something when they stop to think. */
const MOST = 3;
/** One rejected suggestion among accepted ones says nothing. */
const FREE_REJECTIONS = 2;
const MOST_REJECTIONS = FREE_REJECTIONS + Math.log(MOST) / Math.log(PER_REJECTION);

/** Rejections slow the asking down; each acceptance takes one of them back, and time all. */
export interface BackOff {
  rejected(): void;
  accepted(): void;
  /** How many times longer to wait than usual: 1 to 3. */
  factor(): number;
}

export function createBackOff(now: () => number): BackOff {
  let rejections = 0;
  let since = now();

  /** Fades evenly: a clock that jumps ahead only forgets. */
  function left(): number {
    const passed = Math.max(0, now() - since);
    return rejections * Math.max(0, 1 - passed / FORGOTTEN_AFTER_MS);
  }
  function add(count: number): void {
    rejections = Math.min(MOST_REJECTIONS, Math.max(0, left() + count));
    since = now();
  }

  return {
    rejected: () => add(1),
    accepted: () => add(-1),
    factor: () => PER_REJECTION ** Math.max(0, left() - FREE_REJECTIONS),
  };
}
