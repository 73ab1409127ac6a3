/** Whether a region is asked. Times in ms. */
export type Circuit =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number; readonly times: number }
  /** Somebody looks whether it is back. */
  | { readonly kind: 'half-open'; readonly times: number };

/** `costly`: the user waited for it, or it will not pass by itself; once is enough. */
export type Severity = 'cheap' | 'costly';

/** A refused connection costs milliseconds and may be one replica that restarts. */
const CHEAP_FAILURES = 2;
/** As long as a gateway takes to restart, doubling to a minute. */
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;

export const CLOSED: Circuit = { kind: 'closed', failures: 0 };

/** `random` in [0, 1): windows that lost a region together must not come back together. */
export function afterFailure(circuit: Circuit, severity: Severity, now: number, random: number): Circuit {
  if (circuit.kind === 'open') return circuit;
  if (circuit.kind === 'closed' && severity === 'cheap' && circuit.failures + 1 < CHEAP_FAILURES)
    return { kind: 'closed', failures: circuit.failures + 1 };
  const times = circuit.kind === 'half-open' ? circuit.times + 1 : 1;
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1));
  return { kind: 'open', until: now + ms * (0.75 + random / 2), times };
}

/** True when it is time to look whether the region is back. */
export function isDue(circuit: Circuit, now: number): boolean {
  return circuit.kind === 'open' && now >= circuit.until;
}
