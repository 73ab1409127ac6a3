import * as z from 'zod/mini';
import { documented } from './documented.ts';
import { PROBLEM_NAMES, PROBLEM_TYPE_PREFIX } from './problem.ts';

/** Which limit a request met. Names are open: a newer server may know more. */
export const ProblemLimit = documented(
  z.object({
    name: documented(z.string(), {
      description: 'requests_per_minute, tokens_per_minute, concurrent_streams, day_budget or month_budget',
    }),
    scope: documented(z.string(), { description: 'key, user, team, organisation or everything' }),
  }),
  { description: 'Only with rate-limited and budget-spent' },
);
export type ProblemLimit = z.infer<typeof ProblemLimit>;

export const Problem = documented(
  z.object({
    type: documented(z.string().check(z.startsWith(PROBLEM_TYPE_PREFIX)), {
      description: `\`${PROBLEM_TYPE_PREFIX}\` and one of: ${PROBLEM_NAMES.join(', ')}`,
    }),
    title: z.string(),
    status: z.int(),
    detail: documented(z.string(), { description: 'What was wrong with this request, and what to do about it' }),
    retryable: z.boolean(),
    retry_after_ms: z.optional(z.int().check(z.nonnegative())),
    request_id: z.optional(z.string()),
    limit: z.optional(ProblemLimit),
  }),
  { id: 'Problem', description: 'RFC 9457 problem details' },
);
export type Problem = z.infer<typeof Problem>;
