import type { LeasedPool } from './pools/leased-pool.ts';
import type { PlannedPool } from './pools/pool-plan.ts';

/** Values of the two header fields of draft-ietf-httpapi-ratelimit-headers-11. */
export interface RateLimitHeaders {
  /** `RateLimit-Policy`: every limit that counts for this principal. */
  readonly policy: string;
  /** `RateLimit`: the one that is nearest to its end. */
  readonly state: string;
}

const UNITS = { requestsPerMinute: 'requests', tokensPerMinute: 'tokens', concurrentStreams: 'concurrent-requests' };

/** The name of a pool in the headers: what is counted, and for whom. */
function policyName({ limit, scope }: PlannedPool): string {
  return `${limit === 'requestsPerMinute' ? 'requests' : limit === 'tokensPerMinute' ? 'tokens' : 'streams'}-${scope}`;
}

/** The same for every answer to a principal, so to be remembered. Empty when nothing is limited. */
export function policyHeader(pools: readonly PlannedPool[]): string {
  return pools
    .flatMap((pool) => {
      if (pool.limit === 'day' || pool.limit === 'month') return [];
      const window = pool.kind === 'rate' ? ';w=60' : '';
      return [`"${policyName(pool)}";q=${pool.amount}${window};qu="${UNITS[pool.limit]}"`];
    })
    .join(', ');
}

/** How much of a pool is left, and in how many seconds all of it would be. */
export function stateHeader(planned: PlannedPool, pool: LeasedPool): string {
  const { capacity, refillPerMs } = pool.rule;
  const left = Math.max(0, Math.min(capacity, Math.floor(pool.left())));
  const seconds = refillPerMs > 0 ? `;t=${Math.ceil((capacity - left) / refillPerMs / 1000)}` : '';
  return `"${policyName(planned)}";r=${left}${seconds}`;
}
