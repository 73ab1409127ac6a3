import type { PlannedPool } from './pools/pool-plan.ts';
import { SCOPE_FIELDS, type Scope } from './settings.ts';
import { MICRO } from './spending/money.ts';

/** Why a request is not served, for whoever asked. */
export interface Refusal {
  readonly pool: PlannedPool;
  /** Until it is worth asking again, in ms. */
  readonly retryAfterMs: number;
  /** A speculative request that others go before: not worth an error. */
  readonly shed: boolean;
  readonly detail: string;
}

export interface Denied {
  readonly waitMs: number;
  /** Permits are left, for requests that go first. */
  readonly kept: boolean;
}

/** The sentences about a pool that has nothing for this request; `now` in Unix ms. */
export function refusalOf(pool: PlannedPool, { waitMs, kept }: Denied, shed: boolean, now: number): Refusal {
  const isMoney = pool.limit === 'day' || pool.limit === 'month';
  const retryAfterMs = isMoney && !kept ? Math.max(1, (pool.endsAt ?? now) - now) : Math.max(1, Math.ceil(waitMs));
  const left = kept ? ' What little is left is kept for completions that somebody waits for.' : '';
  const detail = `${isMoney ? budgetSentence(pool, kept) : limitSentence(pool)}${left} An admin can raise ${fieldOf(pool)}.`;
  return { pool, retryAfterMs, shed, detail };
}

function limitSentence({ limit, amount, scope, owner }: PlannedPool): string {
  const whose = ownerName(scope, owner);
  switch (limit) {
    case 'requestsPerMinute':
      return `More than ${amount} requests a minute ${whose}.`;
    case 'tokensPerMinute':
      return `More than ${amount} tokens a minute ${whose}.`;
    default:
      return `More than ${amount} completions at a time ${whose}.`;
  }
}

function budgetSentence({ limit, amount, scope, owner, endsAt }: PlannedPool, kept: boolean): string {
  const until = endsAt === undefined ? '' : ` until ${new Date(endsAt).toISOString().replace('.000Z', 'Z')}`;
  return `The budget of ${money(amount)} a ${limit} ${ownerName(scope, owner)} is ${kept ? 'nearly ' : ''}spent${until}.`;
}

function ownerName(scope: Scope, owner: string): string {
  switch (scope) {
    case 'key':
      return `with the key "${owner}"`;
    case 'everything':
      return 'of everybody together';
    default:
      return `of the ${scope} "${owner}"`;
  }
}

function fieldOf({ scope, limit, kind }: PlannedPool): string {
  return `${kind === 'budget' ? 'budgets' : 'limits'}.${SCOPE_FIELDS[scope]}.${limit}`;
}

function money(micro: number): string {
  return (micro / MICRO).toFixed(2);
}
