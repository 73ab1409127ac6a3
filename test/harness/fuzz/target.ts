import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH, TELEMETRY_PATH } from '@ghostline/protocol';
import { eventually } from '../eventually.ts';
import { acceptance, complete, newViewId, sampleRequest, telemetryEvent } from '../ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../ghostline-server.ts';
import type { FuzzRequest } from './requests.ts';

export interface FuzzTarget {
  readonly server: GhostlineServer;
  readonly authorization: string;
  readonly requests: readonly FuzzRequest[];
  /** Memory of the gateway process, in bytes. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

const KEY = 'fuzz-key';
/** Pages that the OpenAPI document does not list. */
const PAGES = ['/healthz', '/readyz', '/metrics', '/docs', '/openapi.json', '/admin/', '/playground/', '/nowhere', '/'];

/** A gateway with a key, an endpoint that answers the same whatever it is asked, and requests of all its routes. */
export async function startFuzzTarget(): Promise<FuzzTarget> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghostline-fuzz-'));
  // Nothing of a prompt comes back by right: whatever does, leaked.
  const upstream = await startScriptedServer({ tokens: () => ['const', ' answer', ' = 42;'] });
  const config = path.join(folder, 'ghostline.yaml');
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  await writeFile(
    config,
    `listen: { http2: cleartext }
auth: { keys: [ { id: fuzz, sha256: ${sha256}, org: fuzz, team: fuzz, user: fuzz, roles: [developer, admin] } ] }
limits: { requestsPerMinute: 100000000 }
log: { level: debug }
models: [ { name: coder, template: qwen2.5-coder, endpoints: [ { name: gpu, kind: openai, url: "${upstream.url}/v1" } ] } ]
`,
  );
  const server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  const authorization = `Bearer ${KEY}`;
  return {
    server,
    authorization,
    requests: await validRequests(server.url, authorization),
    async residentBytes() {
      const text = await (await fetch(new URL('/metrics', server.url))).text();
      return Number(/^process_resident_memory_bytes ([\d.e+]+)/m.exec(text)?.[1]);
    },
    async stop() {
      await server.stop();
      await upstream.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function validRequests(url: string, authorization: string): Promise<FuzzRequest[]> {
  const headers = { host: '127.0.0.1', authorization };
  const json = { ...headers, 'content-type': 'application/json' };
  // The store takes a while to start; until then reports are a 503 by right.
  await eventually('the analytics store answers', () => acceptance(url, undefined, { authorization }), 60_000);
  const { body } = await complete(url, {}, { authorization });
  const event = (fields: Record<string, unknown>) => telemetryEvent(body.completion_id, newViewId(), fields);
  const completion = {
    ...sampleRequest,
    workspace: 'w',
    snippets: [{ path: 'src/a.ts', text: 'export const a = 1;', source: 'open_file', score: 0.5 }],
    multiline: 'auto',
    max_candidates: 2,
    max_tokens: 32,
    session_id: 'session',
    sequence: 1,
    client: { name: 'fuzz', version: '1' },
  };
  const resumed = { ...sampleRequest, resume: { completion_id: body.completion_id, text: 'const' } };
  const events = [
    event({}),
    event({ type: 'completion-accepted', accepted_chars: 3 }),
    event({ type: 'completion-retained', after_s: 30, edit_ratio: 0.5 }),
  ];
  const post = (at: string, body: unknown, more: Record<string, string> = {}): FuzzRequest => ({
    method: 'POST',
    path: at,
    headers: { ...json, ...more },
    body: { json: body },
  });
  const streams = { accept: 'text/event-stream' };
  // As often as they are asked in life: most requests are completions.
  const posts = [
    post(COMPLETIONS_PATH, completion, streams),
    post(COMPLETIONS_PATH, completion, { ...streams, 'x-ghostline-deadline-ms': '2000' }),
    post(COMPLETIONS_PATH, completion),
    post(COMPLETIONS_PATH, resumed, streams),
    post(TELEMETRY_PATH, { events }),
  ];
  const preflight = { 'access-control-request-method': 'POST', origin: 'http://localhost:3000' };
  return [
    ...posts,
    ...posts,
    ...(await documentedGets(url)).map((at) => ({ method: 'GET', path: at, headers })),
    ...PAGES.map((at) => ({ method: 'GET', path: at, headers })),
    { method: 'OPTIONS', path: COMPLETIONS_PATH, headers: { host: '127.0.0.1', ...preflight } },
  ];
}

/** What the server says it has, so that a new route is among them by itself. */
async function documentedGets(url: string): Promise<string[]> {
  const document = (await (await fetch(new URL('/openapi.json', url))).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const now = new Date().toISOString();
  const query = `?from=${encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())}&to=${encodeURIComponent(now)}&group_by=language`;
  return Object.entries(document.paths)
    .filter(([, methods]) => 'get' in methods)
    .map(([at]) => (at.startsWith('/admin/api/') ? `${at}${query}` : at));
}
