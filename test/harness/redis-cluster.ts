import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startRedis } from './redis-server.ts';

/** After so long without a word, a node is held for gone; failing over takes a second more. */
const NODE_TIMEOUT_MS = 2_000;
const PRIMARIES = 3;
const SLOTS = 16_384;

export interface ClusterNode {
  readonly port: number;
  /** `HOST:PORT`, as nodes call themselves. */
  readonly name: string;
  readonly id: string;
  readonly client: Redis;
  readonly alive: boolean;
  /** `kill -9`. */
  kill(): void;
}

export interface RedisCluster {
  readonly nodes: readonly ClusterNode[];
  /** Who serves the slot of `key` now, as the nodes that live have it. */
  primaryOf(key: string): Promise<ClusterNode>;
  /** Gives the slot of `key`, and what is in it, to another primary; `halfway` is called when it is in both. */
  moveSlotOf(key: string, halfway: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** A real Redis Cluster on loopback: three primaries with a replica each, ready when this resolves. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const started = await Promise.all(Array.from({ length: 2 * PRIMARIES }, () => startNode()));
  const nodes: readonly ClusterNode[] = started;
  const primaries = nodes.slice(0, PRIMARIES);
  const [first] = primaries as [ClusterNode];
  await Promise.all(
    primaries.map(async ({ client }, index) => {
      await client.cluster('SET-CONFIG-EPOCH', index + 1);
      const from = Math.floor((SLOTS * index) / PRIMARIES);
      await client.cluster('ADDSLOTSRANGE', from, Math.floor((SLOTS * (index + 1)) / PRIMARIES) - 1);
    }),
  );
  for (const { port, bus } of started.slice(1)) await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
  await everybody('knows all others', async ({ client }) => {
    const known = String(await client.cluster('NODES'));
    return nodes.every(({ id }) => known.includes(id)) && !known.includes('handshake');
  });
  await Promise.all(
    nodes.slice(PRIMARIES).map(({ client }, index) => client.cluster('REPLICATE', primaries[index]!.id)),
  );
  await everybody('is ready', async ({ client }) => {
    const info = String(await client.cluster('INFO'));
    const replication = await client.info('replication');
    const linked = replication.includes('role:master')
      ? replication.includes('connected_slaves:1')
      : replication.includes('master_link_status:up');
    return info.includes('cluster_state:ok') && linked;
  });

  function everybody(what: string, isSo: (node: ClusterNode) => Promise<boolean>): Promise<unknown> {
    return Promise.all(nodes.map((node) => eventually(`${node.name} ${what}`, () => isSo(node), 30_000)));
  }

  async function primaryOf(key: string): Promise<ClusterNode> {
    const witness = nodes.find(({ alive }) => alive)!;
    const slot = await witness.client.cluster('KEYSLOT', key);
    const ranges = await witness.client.cluster('SLOTS');
    const [, , primary] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
    return nodes.find(({ port }) => port === primary?.[1])!;
  }

  return {
    nodes,
    primaryOf,
    async moveSlotOf(key, halfway) {
      const source = await primaryOf(key);
      const slot = await source.client.cluster('KEYSLOT', key);
      const target = primaries.find((node) => node !== source)!;
      await target.client.cluster('SETSLOT', slot, 'IMPORTING', source.id);
      await source.client.cluster('SETSLOT', slot, 'MIGRATING', target.id);
      const keys = await source.client.cluster('GETKEYSINSLOT', slot, 1_000);
      for (const each of keys) await source.client.migrate('127.0.0.1', target.port, each, 0, 5_000);
      await halfway();
      // In this order, as Redis' documentation has it: the one that has it must know first.
      for (const { client } of [target, source]) await client.cluster('SETSLOT', slot, 'NODE', target.id);
    },
    async stop() {
      for (const { client } of nodes) client.disconnect();
      await Promise.all(started.map(({ stop }) => stop()));
    },
  };
}

/** A cluster of one node, which serves all slots, at `port`. */
export async function startLoneClusterNode(port: number): Promise<{ stop(): Promise<void> }> {
  const node = await startNode(port);
  await node.client.cluster('ADDSLOTSRANGE', 0, SLOTS - 1);
  return {
    async stop() {
      node.client.disconnect();
      await node.stop();
    },
  };
}

async function startNode(port?: number) {
  const bus = await freePort();
  const server = await startRedis(port, [
    '--cluster-enabled',
    'yes',
    // The default is ten thousand above the port, which may be none.
    '--cluster-port',
    String(bus),
    '--cluster-node-timeout',
    String(NODE_TIMEOUT_MS),
    '--cluster-announce-ip',
    '127.0.0.1',
  ]);
  const client = new Redis(server.url, { maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  let alive = true;
  return {
    port: server.port,
    bus,
    name: `127.0.0.1:${server.port}`,
    id: String(await client.cluster('MYID')),
    client,
    get alive() {
      return alive;
    },
    kill() {
      alive = false;
      process.kill(server.pid, 'SIGKILL');
    },
    stop: () => server.stop(),
  };
}
