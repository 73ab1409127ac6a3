import type { Principal } from '@ghostline/access';
import { MICRO, type PermitStore, type Stop, type StopBoard, type StopScope, readBudgets } from '@ghostline/limits';
import {
  type BudgetRow,
  ProblemError,
  SPENDING_PATH,
  SPENDING_STOP_PATH,
  type SpendingChange,
  SpendingQuery,
  type SpendingReport,
  SpendingScope,
  type SpendingStop,
  StopSpending,
  problem,
  validate,
} from '@ghostline/protocol';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { LimitingSettings } from '../config/index.ts';
import type { AppEnv } from '../http/app-env.ts';
import { readJson } from '../http/read-json.ts';

export interface SpendingOptions {
  readonly stops: StopBoard;
  readonly store: PermitStore;
  /** As configured now: `operators` are the organisations whose admins may do it for everybody; undefined: all. */
  readonly settings: () => Pick<LimitingSettings, 'budgets' | 'operators'>;
  readonly log: Logger;
  readonly date?: () => number;
}

const STOP_BODY_BYTES = 4096;
/** Long enough for Redis to answer from another region. */
const READ_TIMEOUT_MS = 2_000;

/** Budgets, and the kill switch: who may stop is whoever may see; resuming what others stopped takes an operator. */
export function spendingRoutes({ stops, store, settings, log, date = Date.now }: SpendingOptions): Hono<AppEnv> {
  const isOperator = ({ org }: Principal) => settings().operators?.includes(org) ?? true;

  function visible(principal: Principal): SpendingStop[] {
    return stops
      .all(date())
      .filter(({ scope }) => isOperator(principal) || scope.kind === 'everything' || scope.org === principal.org)
      .map(toWire);
  }

  return new Hono<AppEnv>()
    .get(SPENDING_STOP_PATH, (c) => {
      c.header('cache-control', 'no-store');
      return c.json({ stops: visible(c.get('principal')) });
    })
    .post(SPENDING_STOP_PATH, async (c) => {
      const parsed = validate(StopSpending, await readJson(c, STOP_BODY_BYTES));
      if (!parsed.ok) throw new ProblemError(parsed.problem);
      const { reason = 'Stopped by hand.', minutes } = parsed.value;
      const principal = c.get('principal');
      const scope = scopeOf(parsed.value, principal);
      // Everybody's may be stopped by any admin: what costs nothing goes on, and waiting for somebody else costs money.
      if (!isOperator(principal) && scope.kind !== 'everything' && scope.org !== principal.org) throw notYours();
      const at = date();
      const who = `${principal.org}/${principal.user}`;
      const until = minutes === undefined ? {} : { until: at + minutes * 60_000 };
      const everywhere = await stops.stop({ scope, reason, by: 'hand', who, at, ...until });
      log.warn({ scope, who, requestId: c.get('requestId') }, 'spending was stopped by hand');
      return c.json({ found: true, everywhere } satisfies SpendingChange);
    })
    .delete(SPENDING_STOP_PATH, async (c) => {
      const parsed = validate(SpendingScope, c.req.query());
      if (!parsed.ok) throw new ProblemError(parsed.problem);
      const principal = c.get('principal');
      const scope = scopeOf(parsed.value, principal);
      if (!isOperator(principal) && (scope.kind === 'everything' || scope.org !== principal.org)) throw notYours();
      const change = await stops.resume(scope);
      const who = `${principal.org}/${principal.user}`;
      log.warn({ scope, who, requestId: c.get('requestId') }, 'spending was resumed by hand');
      return c.json(change satisfies SpendingChange);
    })
    .get(SPENDING_PATH, async (c) => {
      const parsed = validate(SpendingQuery, c.req.query());
      if (!parsed.ok) throw new ProblemError(parsed.problem);
      const principal = c.get('principal');
      const { team = principal.team, user = principal.user } = parsed.value;
      const whose = { keyId: principal.keyId, org: principal.org, team, user };
      const read = await readBudgets(
        store,
        { budgets: settings().budgets, principal: whose, now: date() },
        AbortSignal.timeout(READ_TIMEOUT_MS),
      ).catch((cause: unknown) => {
        const detail =
          'The store of limits and budgets is away; completions go on within what gateways have leased. See /readyz.';
        throw new ProblemError(problem('counters-unavailable', detail, { retry_after_ms: 2_000 }), { cause });
      });
      const rows = read
        .filter(({ scope }) => scope !== 'everything' || isOperator(principal))
        .map(({ scope, owner, period, budget, spent, forecast, endsAt }): BudgetRow => ({
          scope,
          owner,
          period,
          budget: budget === undefined ? null : budget / MICRO,
          spent: spent / MICRO,
          forecast: Math.round(forecast) / MICRO,
          ends: new Date(endsAt).toISOString(),
        }));
      c.header('cache-control', 'no-store');
      return c.json({ budgets: rows, stops: visible(principal) } satisfies SpendingReport);
    });
}

function scopeOf({ organisation, user }: SpendingScope, principal: Principal): StopScope {
  if (user !== undefined) return { kind: 'user', org: organisation ?? principal.org, user };
  return organisation === undefined ? { kind: 'everything' } : { kind: 'organisation', org: organisation };
}

function notYours(): ProblemError {
  return new ProblemError(
    problem(
      'forbidden',
      'This concerns others than your organisation. An admin of an organisation in spending.operators can do it.',
    ),
  );
}

function toWire({ scope, reason, by, who, at, until }: Stop): SpendingStop {
  return {
    scope: scope.kind,
    ...(scope.kind !== 'everything' && { organisation: scope.org }),
    ...(scope.kind === 'user' && { user: scope.user }),
    reason,
    by,
    ...(who !== undefined && { who }),
    since: new Date(at).toISOString(),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}
