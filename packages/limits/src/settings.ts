import type { Trigger } from '@ghostline/protocol';

/** On whose behalf a request is made. */
export interface Principal {
  readonly keyId: string;
  readonly org: string;
  readonly team: string;
  readonly user: string;
}

/** What a limit is counted for, from the narrowest. */
export const SCOPES = ['key', 'user', 'team', 'organisation', 'everything'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ScopeLimits {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly concurrentStreams?: number | undefined;
}
export const LIMIT_NAMES = ['requestsPerMinute', 'tokensPerMinute', 'concurrentStreams'] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** The field of the configuration in which a scope's limits and budgets stand. */
export const SCOPE_FIELDS = {
  key: 'perKey',
  user: 'perUser',
  team: 'perTeam',
  organisation: 'perOrganisation',
  everything: 'everything',
} as const satisfies Record<Scope, string>;

export interface OrganisationLimits {
  readonly perKey?: ScopeLimits | undefined;
  readonly perUser?: ScopeLimits | undefined;
  readonly perTeam?: ScopeLimits | undefined;
  readonly perOrganisation?: ScopeLimits | undefined;
}

export interface LimitSettings extends OrganisationLimits {
  readonly everything?: ScopeLimits | undefined;
  /** What is different for an organisation, field by field. */
  readonly organisations?: Readonly<Record<string, OrganisationLimits>> | undefined;
}

/** In the operator's currency. */
export interface Amounts {
  readonly day?: number | undefined;
  readonly month?: number | undefined;
}

export interface OrganisationBudgets {
  readonly perUser?: Amounts | undefined;
  readonly perTeam?: Amounts | undefined;
  readonly perOrganisation?: Amounts | undefined;
}

export interface BudgetSettings extends OrganisationBudgets {
  readonly everything?: Amounts | undefined;
  readonly organisations?: Readonly<Record<string, OrganisationBudgets>> | undefined;
  /** The share of a budget from which it is being saved. Default 0.8. */
  readonly soft?: number | undefined;
  /** What happens when it is spent. Default `reuse-only`. */
  readonly hard?: 'reuse-only' | 'refuse' | undefined;
}

/** When spending ends by itself, and for whom. */
export interface StopRules {
  /** Money spent by everybody within a minute, or an hour, of the clock. */
  readonly perMinute?: number | undefined;
  readonly perHour?: number | undefined;
  readonly unusualUser?: UnusualUserRule | undefined;
}

export interface UnusualUserRule {
  /** Standard deviations above the user's mean. Default 8. */
  readonly deviations?: number | undefined;
  /** Tokens in five minutes below which nobody is unusual. Default 200,000. */
  readonly floorTokens?: number | undefined;
  /** Intervals of five minutes in which the user was active before there is a history to speak of. Default 24. */
  readonly samples?: number | undefined;
  /** How long the user then gets what costs nothing only. Default 30. */
  readonly minutes?: number | undefined;
}

export interface Ask {
  readonly trigger: Trigger;
  /** Estimated, prompt and answer. */
  readonly tokens: number;
  /** Estimated, in millionths of the currency. */
  readonly cost: number;
}
