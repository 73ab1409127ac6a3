import { createGuardedFetch } from '@ghostline/outgoing';
import type { Settings } from '../config/index.ts';
import { type Finding, failure, ok } from './finding.ts';
import { networkReasonOf } from './network-reason.ts';

const TIMEOUT_MS = 5_000;

/** Whether the analytics store answers; for the embedded one, whether its engine is installed. */
export async function checkAnalytics(
  analytics: Settings['analytics'],
  canResolve: (name: string) => boolean,
): Promise<Finding> {
  if (analytics.kind === 'embedded') {
    if (canResolve('chdb')) return ok('analytics', 'embedded');
    const fix = 'Install again on Linux or macOS, or set analytics.url to a ClickHouse server.';
    return failure('analytics', 'the embedded engine is not installed', fix);
  }
  const { url, allowPrivate, database, username, password } = analytics;
  const address = new URL(url);
  address.searchParams.set('query', `SELECT version() FORMAT TabSeparated`);
  address.searchParams.set('database', database);
  const fix = 'Check analytics.url, database, username and password; until it answers, events wait on disk.';
  try {
    const began = performance.now();
    const response = await createGuardedFetch({ allowPrivate })(address, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'x-clickhouse-user': username, ...(password !== '' && { 'x-clickhouse-key': password }) },
    });
    const text = (await response.text()).trim();
    const took = Math.round(performance.now() - began);
    // The first line of ClickHouse's errors: its code and what is wrong.
    if (!response.ok)
      return failure(
        'analytics',
        `${address.origin} answers ${response.status}: ${text.split('\n')[0]?.slice(0, 200)}`,
        fix,
      );
    return ok('analytics', `ClickHouse ${text} answers in ${took} ms`);
  } catch (error) {
    return failure('analytics', `${address.origin} does not answer (${networkReasonOf(error)})`, fix);
  }
}
