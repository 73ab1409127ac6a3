import { type Finding, failure, ok, warning } from './finding.ts';

const ALL_SLOTS = 16_384;

/** `slots`: from, to, the primary, and its replicas, for each range. */
export function judgeCluster(info: string, slots: readonly (readonly unknown[])[]): Finding[] {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
  const served = Number(field('cluster_slots_ok'));
  if (field('cluster_state') !== 'ok' || served < ALL_SLOTS) {
    const fix =
      'CLUSTER NODES tells which primary has failed without a replica, or which slots nobody was given (redis-cli --cluster fix).';
    return [
      failure(
        'Redis Cluster',
        `its state is ${field('cluster_state')}: ${served} of ${ALL_SLOTS} slots are served`,
        fix,
      ),
    ];
  }
  const primaries = new Set(slots.map(([, , primary]) => addressIn(primary)));
  const alone = new Set(slots.filter((range) => range.length === 3).map(([, , primary]) => addressIn(primary)));
  if (alone.size > 0) {
    const fix =
      'Add one: until somebody starts that server again, what lies there is away, and budgets in it are unknown.';
    return [warning('Redis Cluster', `nothing takes over from ${[...alone].join(', ')}: no replica`, fix)];
  }
  return [ok('Redis Cluster', `all slots are served by ${primaries.size} primaries, each with a replica`)];
}

function addressIn(node: unknown): string {
  const [host, port] = node as readonly unknown[];
  return `${String(host)}:${String(port)}`;
}
