import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isAllowedLicence } from './licences.mjs';

let registry: http.Server | undefined;
afterEach(async () => {
  registry?.closeAllConnections();
  await new Promise((resolve) => (registry ? registry.close(resolve) : resolve(undefined)));
  registry = undefined;
});

/** The audit against a registry that answers like this, or that nobody runs. */
async function audit(answer: { status: number; body: unknown } | undefined) {
  registry = http.createServer((request, response) => {
    request.resume().on('end', () => {
      response
        .writeHead(answer?.status ?? 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer?.body));
    });
  });
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  if (!answer) await new Promise((resolve) => registry!.close(resolve));
  return new Promise<{ code: number; output: string }>((resolve) => {
    const script = path.join(import.meta.dirname, 'audit.mjs');
    execFile(process.execPath, [script, '--registry', url], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

const advisory = (severity: string) => ({
  id: 1,
  url: 'https://github.com/advisories/GHSA-test',
  title: 'A made-up flaw',
  severity,
  vulnerable_versions: '<999.0.0',
  cwe: [],
  cvss: { score: 8, vectorString: null },
});

describe('the audit of production dependencies', () => {
  it('fails for a known vulnerability of high severity, with its name, how it got here, and the fix', async () => {
    const { code, output } = await audit({ status: 200, body: { hono: [advisory('high')] } });
    expect(code).toBe(1);
    expect(output).toMatch(/✗ hono \(apps__server.*hono\): high, A made-up flaw, https:.*Update to >=999\.0\.0/);
  });

  it('passes for lesser ones, and for those of what only tests and builds need', async () => {
    const { code, output } = await audit({
      status: 200,
      body: { hono: [advisory('moderate')], vitest: [advisory('critical')] },
    });
    expect(output).not.toContain('✗');
    expect(code).toBe(0);
  });

  it.each([
    ['refuses', { status: 405, body: {} }],
    ['breaks', { status: 500, body: 'oops' }],
    ['is away', undefined],
  ])('says so and passes when the registry %s', async (_, answer) => {
    const { code, output } = await audit(answer);
    expect(output).toContain('were not looked up: the registry cannot be asked');
    expect(code).toBe(0);
  });

  it('looks at the licence of more than the direct ones', async () => {
    const { output } = await audit({ status: 200, body: {} });
    expect(Number(/(\d+) production dependencies/.exec(output)?.[1])).toBeGreaterThan(100);
  });
});

describe('a licence', () => {
  it.each([
    'MIT',
    '(MIT OR GPL-3.0-or-later)',
    'GPL-3.0-only OR ISC',
    '(MPL-2.0 OR Apache-2.0)',
    '(MIT AND Zlib)',
    'MIT AND (GPL-2.0 OR BSD-3-Clause)',
  ])('%s may be passed on', (licence) => expect(isAllowedLicence(licence)).toBe(true));

  it.each([
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
    'SEE LICENSE IN EULA',
    'UNLICENSED',
    'none',
    '',
    '(MIT',
    'MIT OR',
    { type: 'MIT' },
    undefined,
  ])('%j may not, or is not understood', (licence) => expect(isAllowedLicence(licence)).toBe(false));
});
