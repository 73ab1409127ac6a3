import * as z from 'zod/mini';
import { documented } from './documented.ts';

/** On answers that cost less than they might: why. */
export const SPENDING_HEADER = 'x-ghostline-spending';

const orgName = z.string().check(z.minLength(1), z.maxLength(256));
const userName = z.string().check(z.minLength(1), z.maxLength(256));

/** Whose spending: without a name everybody's, with `organisation` that one's, with `user` theirs. */
export const SpendingScope = documented(
  z.object({
    organisation: documented(z.optional(orgName), {
      description: 'With user alone: the organisation of whoever asks',
    }),
    user: z.optional(userName),
  }),
  { id: 'SpendingScope' },
);
export type SpendingScope = z.infer<typeof SpendingScope>;

export const StopSpending = documented(
  z.object({
    ...SpendingScope.shape,
    reason: documented(z.optional(z.string().check(z.maxLength(500))), {
      description: 'A sentence for whoever wonders',
    }),
    minutes: documented(z.optional(z.int().check(z.minimum(1), z.maximum(525_600))), {
      description: 'After which it resumes by itself; default: when somebody resumes it',
    }),
  }),
  { id: 'StopSpending' },
);
export type StopSpending = z.infer<typeof StopSpending>;

export const SpendingStop = documented(
  z.object({
    scope: z.enum(['everything', 'organisation', 'user']),
    organisation: z.optional(orgName),
    user: z.optional(userName),
    reason: z.string(),
    by: z.enum(['hand', 'rule']),
    who: documented(z.optional(z.string()), { description: 'Who did it by hand, as organisation/user' }),
    since: z.iso.datetime(),
    until: z.optional(z.iso.datetime()),
  }),
  { id: 'SpendingStop' },
);
export type SpendingStop = z.infer<typeof SpendingStop>;

export const SpendingStops = documented(z.object({ stops: z.array(SpendingStop) }), { id: 'SpendingStops' });
export type SpendingStops = z.infer<typeof SpendingStops>;

/** What became of a `POST` or `DELETE`. */
export const SpendingChange = documented(
  z.object({
    found: documented(z.boolean(), { description: 'Whether there was something to resume; true for a stop' }),
    everywhere: documented(z.boolean(), {
      description:
        'False: the store that gateways share is away, so this one only keeps to it, and tells it when it is back',
    }),
  }),
  { id: 'SpendingChange' },
);
export type SpendingChange = z.infer<typeof SpendingChange>;

const money = documented(z.number(), { description: 'In the currency of the configured prices' });

export const BudgetRow = documented(
  z.object({
    scope: z.enum(['user', 'team', 'organisation', 'everything']),
    owner: z.string(),
    period: z.enum(['day', 'month']),
    budget: documented(z.nullable(money), { description: 'Null where spending is only counted' }),
    spent: money,
    forecast: documented(money, { description: 'At the end of the period, if it goes on as in the last 24 hours' }),
    ends: z.iso.datetime(),
  }),
  { id: 'BudgetRow' },
);
export type BudgetRow = z.infer<typeof BudgetRow>;

export const SpendingReport = documented(z.object({ budgets: z.array(BudgetRow), stops: z.array(SpendingStop) }), {
  id: 'SpendingReport',
});
export type SpendingReport = z.infer<typeof SpendingReport>;

export const SpendingQuery = z.object({ team: z.optional(z.string()), user: z.optional(z.string()) });
export type SpendingQuery = z.infer<typeof SpendingQuery>;
