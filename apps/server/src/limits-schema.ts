import * as z from 'zod';

const organisationName = z.string().min(1).max(256);

const scopeLimits = {
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .meta({ description: 'Completion requests, in bursts of a tenth of it' }),
  tokensPerMinute: z
    .int()
    .min(1)
    .max(1_000_000_000_000)
    .optional()
    .meta({ description: 'Tokens of prompts and answers that were made for a request, in bursts of a quarter of it' }),
  concurrentStreams: z.int().min(1).max(10_000_000).optional().meta({ description: 'Completions at a time' }),
};
const limits = (whose: string) => z.strictObject(scopeLimits).optional().meta({ description: whose });

const limitsOfScopes = {
  perKey: limits('Of each key'),
  perUser: limits('Of each user'),
  perTeam: limits('Of each team'),
  perOrganisation: limits('Of each organisation'),
};

/** Beyond it sums of millionths are not exact any more. */
const MOST_MONEY = 1_000_000_000;
const money = (what: string) => z.number().nonnegative().max(MOST_MONEY).optional().meta({ description: what });

const amountsByPeriod = {
  day: money('A UTC day, in the currency of the prices'),
  month: money('A UTC month, in the currency of the prices'),
};
const amounts = (whose: string) => z.strictObject(amountsByPeriod).optional().meta({ description: whose });

const amountsOfScopes = {
  perUser: amounts('Of each user'),
  perTeam: amounts('Of each team'),
  perOrganisation: amounts('Of each organisation'),
};

export const Limits = z
  .strictObject({
    requestsPerMinute: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The same as perKey.requestsPerMinute; default 1200. Counts for telemetry batches, too' }),
    ...limitsOfScopes,
    everything: limits('All requests of all gateways together'),
    organisations: z
      .record(organisationName, z.strictObject(limitsOfScopes))
      .optional()
      .meta({ description: 'What is different for an organisation' }),
  })
  .refine(
    ({ requestsPerMinute, perKey }) => requestsPerMinute === undefined || perKey?.requestsPerMinute === undefined,
    { path: ['requestsPerMinute'], error: 'is the same as perKey.requestsPerMinute; give one of them' },
  )
  .meta({ description: 'How much is asked for; see docs/limits.md' });

export const Budgets = z
  .strictObject({
    soft: z.number().min(0).max(1).optional().meta({
      description: 'The share of a budget from which it is saved: cheapest model, nothing speculative; default 0.8',
    }),
    hard: z.enum(['reuse-only', 'refuse']).optional().meta({
      description: 'When it is spent: completions from caches and the embedded model only (default), or none',
    }),
    ...amountsOfScopes,
    everything: amounts('All requests of all gateways together'),
    organisations: z
      .record(organisationName, z.strictObject(amountsOfScopes))
      .optional()
      .meta({ description: 'What is different for an organisation' }),
  })
  .meta({ description: 'Money, by models[].price' });

export const Spending = z
  .strictObject({
    operators: z
      .array(organisationName)
      .min(1)
      .optional()
      .meta({ description: 'Organisations whose admins may resume everybody’s spending; default: all' }),
    stopWhen: z
      .strictObject({
        perMinute: money('More than this within one minute stops all spending'),
        perHour: money('More than this within one hour stops all spending'),
        unusualUser: z
          .strictObject({
            deviations: z.number().min(1).optional().meta({ description: 'Standard deviations; default 8' }),
            floorTokens: z.int().min(0).optional().meta({ description: 'In five minutes; default 200000' }),
            samples: z
              .int()
              .min(2)
              .optional()
              .meta({ description: 'Intervals of five minutes before there is a history; default 24' }),
            minutes: z.int().min(1).optional().meta({ description: 'How long their spending stops; default 30' }),
          })
          .optional()
          .meta({ description: 'A user’s tokens far from what they take as a rule stop that user’s spending' }),
      })
      .optional()
      .meta({ description: 'Rules by which spending stops without anybody' }),
  })
  .meta({ description: 'Who may resume spending, and when it stops by itself' });
