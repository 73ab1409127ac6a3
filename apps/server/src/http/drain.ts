import { ProblemError, problem } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './app-env.ts';

/**
 * - `serving`
 * - `announced`: `/readyz` says no, so that load balancers look elsewhere; everything is still answered.
 * - `finishing`: no connection is taken any more, and what streams has until `endsAt`.
 */
export type DrainState =
  | { readonly kind: 'serving' }
  | { readonly kind: 'announced' }
  | { readonly kind: 'finishing'; readonly endsAt: number };

export interface Drain {
  readonly state: DrainState;
  /** True once the end is announced. */
  readonly draining: boolean;
  announce(): void;
  finish(finishMs: number): void;
  /** Whether a completion that begins now would be cut by the end. */
  isTooLate(): boolean;
}

/** A first token and the longest stream after it: an answer that begins with less time left may be cut. */
export const LONGEST_COMPLETION_MS = 6_000;
/** Until another gateway has the address: about what a restart takes. */
const RETRY_AFTER_MS = 1_000;

export function createDrain(now: () => number): Drain {
  let state: DrainState = { kind: 'serving' };
  return {
    get state() {
      return state;
    },
    get draining() {
      return state.kind !== 'serving';
    },
    announce() {
      if (state.kind === 'serving') state = { kind: 'announced' };
    },
    finish(finishMs) {
      state = { kind: 'finishing', endsAt: now() + finishMs };
    },
    isTooLate: () => state.kind === 'finishing' && state.endsAt - now() < LONGEST_COMPLETION_MS,
  };
}

/** What still comes over a connection that was kept open is answered, as long as its answer would not be cut: else 503. */
export function refuseTooLate(isTooLate: () => boolean) {
  return createMiddleware<AppEnv>(async (_c, next) => {
    if (isTooLate()) {
      const detail = 'This gateway is shutting down. Ask again over a new connection, which reaches another one.';
      throw new ProblemError(problem('shutting-down', detail, { retry_after_ms: RETRY_AFTER_MS }));
    }
    await next();
  });
}
