import type { LimiterSettings } from '@ghostline/limits';
import type { ConfigFile } from '../config-schema.ts';

export interface LimitingSettings extends LimiterSettings {
  /** Telemetry batches a minute and key. */
  readonly intakePerMinute: number;
  /** Organisations whose admins may resume everybody's spending; undefined: all. */
  readonly operators: readonly string[] | undefined;
}

/** What fills a line a second for an hour, and no person types as fast. */
const REQUESTS_PER_MINUTE = 1200;

/** The limits of the file with their defaults. */
export function limitingSettings({ limits = {}, budgets = {}, spending = {} }: ConfigFile): LimitingSettings {
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
export function limitingProblem({ budgets = {}, spending = {}, models = [] }: ConfigFile) {
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

function countsMoney({
  perUser,
  perTeam,
  perOrganisation,
  everything,
  organisations = {},
}: NonNullable<ConfigFile['budgets']>) {
  const special = Object.values(organisations).flatMap((own) => [own.perUser, own.perTeam, own.perOrganisation]);
  return [perUser, perTeam, perOrganisation, everything, ...special].some(
    (amounts) => amounts?.day !== undefined || amounts?.month !== undefined,
  );
}
