import type { Limiter } from '@ghostline/limits';
import { ProblemError } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../http/app-env.ts';
import { refusalProblem } from './gate.ts';

const REQUEST = { trigger: 'manual', tokens: 0, cost: 0 } as const;

/** Lets requests through as far as `limiter` does; 429 with the time to wait. */
export function rateLimit(limiter: Pick<Limiter, 'admit'>) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const admission = await limiter.admit(c.get('principal'), REQUEST);
    if (admission.kind === 'refused') throw new ProblemError(refusalProblem(admission.refusal));
    await next();
    admission.ticket.settle({ tokens: 0, cost: 0 });
  });
}
