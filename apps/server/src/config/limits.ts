import type { LimiterSettings } from '@ghostline/limits';
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

interface LimitingFields {
  readonly limits?: z.infer<typeof Limits> | undefined;
  readonly budgets?: z.infer<typeof Budgets> | undefined;
  readonly spending?: z.infer<typeof Spending> | undefined;
}

export interface LimitingSettings extends LimiterSettings {
  /** Telemetry batches a minute and key. */
  readonly intakePerMinute: number;
  /** Organisations whose admins may resume everybody's spending; undefined: all. */
  readonly operators: readonly string[] | undefined;
}

/** What fills a line a second for an hour, and no person types as fast. */
const REQUESTS_PER_MINUTE = 1200;

/** The limits of the file with their defaults. */
export function limitingSettings({ limits = {}, budgets = {}, spending = {} }: LimitingFields): LimitingSettings {
  const { requestsPerMinute, ...scopes } = limits;
  const perKey = scopes.perKey?.requestsPerMinute ?? requestsPerMinute ?? REQUESTS_PER_MINUTE;
  return {
    limits: { ...scopes, perKey: { ...scopes.perKey, requestsPerMinute: perKey } },
    budgets,
    stopWhen: spending.stopWhen ?? {},
    intakePerMinute: perKey,
    operators: spending.operators,
  };
}

/** The field that counts money which nothing costs, with what to do; undefined when there is none. */
export function limitingProblem({
  budgets = {},
  spending = {},
  models = [],
}: LimitingFields & { readonly models?: readonly { readonly price?: unknown }[] | undefined }) {
  if (models.some(({ price }) => price !== undefined)) return undefined;
  const { perMinute, perHour } = spending.stopWhen ?? {};
  const field = countsMoney(budgets)
    ? ['budgets']
    : perMinute !== undefined || perHour !== undefined
      ? ['spending', 'stopWhen']
      : undefined;
  if (!field) return undefined;
  const detail =
    'no model has a price, so nothing would ever be spent. Give models[].price, for example { inputPerMillion: 0.10, outputPerMillion: 0.30 }.';
  return { field, detail };
}

function countsMoney({ perUser, perTeam, perOrganisation, everything, organisations = {} }: z.infer<typeof Budgets>) {
  const special = Object.values(organisations).flatMap((own) => [own.perUser, own.perTeam, own.perOrganisation]);
  return [perUser, perTeam, perOrganisation, everything, ...special].some(
    (amounts) => amounts?.day !== undefined || amounts?.month !== undefined,
  );
}
