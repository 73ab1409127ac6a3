import * as z from 'zod';
import { ADMIN_API_PATH } from './reports.ts';

/** `GET` says what is stopped, `POST` stops, `DELETE` resumes. */
export const SPENDING_STOP_PATH = `${ADMIN_API_PATH}/spending/stop`;
export const SPENDING_PATH = `${ADMIN_API_PATH}/spending`;
/** On answers that cost less than they might: why. */
export const SPENDING_HEADER = 'x-ghostline-spending';

const orgName = z.string().min(1).max(256);
const userName = z.string().min(1).max(256);

/** Whose spending: without a name everybody's, with `organisation` that one's, with `user` theirs. */
export const SpendingScope = z
  .object({
    organisation: orgName.optional().meta({ description: 'With user alone: the organisation of whoever asks' }),
    user: userName.optional(),
  })
  .meta({ id: 'SpendingScope' });
export type SpendingScope = z.infer<typeof SpendingScope>;

export const StopSpending = z
  .object({
    ...SpendingScope.shape,
    reason: z.string().max(500).optional().meta({ description: 'A sentence for whoever wonders' }),
    minutes: z
      .int()
      .min(1)
      .max(525_600)
      .optional()
      .meta({ description: 'After which it resumes by itself; default: when somebody resumes it' }),
  })
  .meta({ id: 'StopSpending' });
export type StopSpending = z.infer<typeof StopSpending>;

export const SpendingStop = z
  .object({
    scope: z.enum(['everything', 'organisation', 'user']),
    organisation: orgName.optional(),
    user: userName.optional(),
    reason: z.string(),
    by: z.enum(['hand', 'rule']),
    who: z.string().optional().meta({ description: 'Who did it by hand, as organisation/user' }),
    since: z.iso.datetime(),
    until: z.iso.datetime().optional(),
  })
  .meta({ id: 'SpendingStop' });
export type SpendingStop = z.infer<typeof SpendingStop>;

export const SpendingStops = z.object({ stops: z.array(SpendingStop) }).meta({ id: 'SpendingStops' });
export type SpendingStops = z.infer<typeof SpendingStops>;

/** What became of a `POST` or `DELETE`. */
export const SpendingChange = z
  .object({
    found: z.boolean().meta({ description: 'Whether there was something to resume; true for a stop' }),
    everywhere: z.boolean().meta({
      description:
        'False: the store that gateways share is away, so this one only keeps to it, and tells it when it is back',
    }),
  })
  .meta({ id: 'SpendingChange' });
export type SpendingChange = z.infer<typeof SpendingChange>;

const money = z.number().meta({ description: 'In the currency of the configured prices' });

export const BudgetRow = z
  .object({
    scope: z.enum(['user', 'team', 'organisation', 'everything']),
    owner: z.string(),
    period: z.enum(['day', 'month']),
    budget: money.nullable().meta({ description: 'Null where spending is only counted' }),
    spent: money,
    forecast: money.meta({ description: 'At the end of the period, if it goes on as in the last 24 hours' }),
    ends: z.iso.datetime(),
  })
  .meta({ id: 'BudgetRow' });
export type BudgetRow = z.infer<typeof BudgetRow>;

export const SpendingReport = z
  .object({ budgets: z.array(BudgetRow), stops: z.array(SpendingStop) })
  .meta({ id: 'SpendingReport' });
export type SpendingReport = z.infer<typeof SpendingReport>;

export const SpendingQuery = z.object({ team: z.string().optional(), user: z.string().optional() });
export type SpendingQuery = z.infer<typeof SpendingQuery>;
