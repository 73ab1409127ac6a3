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
