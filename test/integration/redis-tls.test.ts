import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { complete } from '../harness/ghostline-api.ts';
import { createRedisGroup } from '../harness/redis-group.ts';
import { startRedis } from '../harness/redis-server.ts';
import { repository } from '../harness/repository.ts';

const fixture = (name: string) => path.join(repository, 'apps/server/src/connections/fixtures', name);
/** For localhost and 127.0.0.1, and signed by itself. */
const CERTIFICATE = { cert: fixture('first.cert.pem'), key: fixture('first.key.pem') };
const PASSWORD = 'of-the-server';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** One that speaks TLS only, asks clients for a certificate, and for a password. */
async function encryptedRedis(...more: readonly string[]) {
  const port = await freePort();
  const { cert, key } = CERTIFICATE;
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const server = await startRedis(0, [...tls, '--tls-auth-clients', 'yes', '--requirepass', PASSWORD, ...more]);
  cleanups.push(server.stop);
  return port;
}

async function groupOf(where: string, tls: string) {
  const group = await createRedisGroup(`{ ${where}, password: { env: REDIS_PASSWORD }, tls: ${tls} }`, {
    REDIS_PASSWORD: PASSWORD,
  });
  cleanups.push(group.stop);
  return group;
}

const TRUSTED = `{ ca: { file: "${CERTIFICATE.cert}" }, cert: { file: "${CERTIFICATE.cert}" }, key: { file: "${CERTIFICATE.key}" } }`;

describe('an encrypted Redis', () => {
  it('is shared by gateways that trust its certificate and show theirs', async () => {
    const port = await encryptedRedis();
    const group = await groupOf(`url: "rediss://127.0.0.1:${port}"`, TRUSTED);
    const [first, second] = await Promise.all([group.gateway('first'), group.gateway('second')]);
    await group.isOk(first, second);
    await group.isTold(first, second);
    expect((await group.command('first', 'doctor')).output).toMatch(/[✓!] Redis +(?:version|answers)/);
  });

  it('may be a cluster, whose nodes are checked by the name they are reached by', async () => {
    const bus = await freePort();
    const clustered = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--tls-cluster', 'yes'];
    const port = await encryptedRedis(...clustered, '--cluster-announce-ip', '127.0.0.1');
    const [cert, key] = await Promise.all([readFile(CERTIFICATE.cert), readFile(CERTIFICATE.key)]);
    const client = new Redis(port, '127.0.0.1', { password: PASSWORD, tls: { ca: cert, cert, key } });
    cleanups.push(() => client.disconnect());
    await once(client, 'ready');
    await client.cluster('ADDSLOTSRANGE', 0, 16_383);
    await eventually('the cluster is ready', async () => String(await client.cluster('INFO')).includes('state:ok'));
    const group = await groupOf(`cluster: { nodes: ["localhost:${port}"] }`, TRUSTED);
    const [first, second] = await Promise.all([group.gateway('first'), group.gateway('second')]);
    await group.isOk(first, second);
    await group.isTold(first, second);
  });

  it('with a certificate that nobody signed is not spoken to, and the doctor says why', async () => {
    const port = await encryptedRedis();
    const group = await groupOf(`url: "rediss://127.0.0.1:${port}"`, '{}');
    const server = await group.gateway('only');
    expect((await complete(server.url, group.another())).status).toBe(200);
    expect(await group.componentOf(server, 'redis')).toMatchObject({ state: 'degraded' });
    const { code, output } = await group.command('only', 'doctor');
    expect(output).toMatch(/✗ Redis .*self-signed certificate/);
    expect(code).toBe(1);
  });
});
