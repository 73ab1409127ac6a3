import { type NgramCandidate, type NgramRequest, completeFromContext } from './complete-from-context.ts';

/** What goes to a worker that runs the model, and what comes back: plain data, so any kind of worker will do. */
export interface NgramTask {
  readonly id: number;
  readonly request: NgramRequest;
}
export interface NgramAnswer {
  readonly id: number;
  readonly candidates: readonly NgramCandidate[];
}

/** The whole work of a worker: it listens, calls this, and posts what it returns. */
export function answerTask({ id, request }: NgramTask): NgramAnswer {
  return { id, candidates: completeFromContext(request) };
}

/** As much code as makes every part of the model run once. */
const SAMPLE = `const first = readLine(input, { from: 0 });
const second = readLine(input, { from: 1 });
if (first.length > second.length) {
  report(first, second);
}
const third = readLine(input, { `;

/**
 * Runs the model once, for nothing: a worker that has just started computes several times as long, and would find nothing
 * within the deadline of its first request. Takes some 20 ms; undisturbed by load, as it has no deadline to speak of.
 */
export function warmUp(): void {
  const request = { prefix: SAMPLE, suffix: '', snippets: [SAMPLE], maxChars: 256, candidates: 1, deadlineMs: 1_000 };
  for (const singleLine of [true, false]) completeFromContext({ ...request, singleLine });
}
