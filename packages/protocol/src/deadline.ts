import type { Problem } from './problem-document.ts';
import { problem } from './problem.ts';

/** How many milliseconds the client will still wait for the end of the answer, from the arrival of its request on. */
export const DEADLINE_HEADER = 'x-ghostline-deadline-ms';

/** An hour: whoever waits longer has no deadline. */
export const MAX_DEADLINE_MS = 3_600_000;

/** The value of `DEADLINE_HEADER` in milliseconds, undefined without one; a problem that names the header for nonsense. */
export function parseDeadline(
  value: string | undefined,
): { readonly ok: true; readonly value: number | undefined } | { readonly ok: false; readonly problem: Problem } {
  if (value === undefined) return { ok: true, value: undefined };
  const ms = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (ms <= MAX_DEADLINE_MS) return { ok: true, value: ms };
  const detail = `${DEADLINE_HEADER}: must be a whole number of milliseconds from 0 to ${MAX_DEADLINE_MS}, such as 1500; leave it out to wait without a limit.`;
  return { ok: false, problem: problem('invalid-request', detail) };
}
