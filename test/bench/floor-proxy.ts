/** The floor: what a streaming proxy costs when it does nothing else. Hono and undici, as one would write it in a minute. */
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { Pool } from 'undici';
import { reportCpuTo } from './process-cpu.ts';

const pool = new Pool(process.argv[2]!, { connections: 256 });
const app = new Hono<{ Bindings: HttpBindings }>().post('/v1/completions', async (c) => {
  const abort = new AbortController();
  c.env.outgoing.once('close', () => abort.abort());
  const body = await c.req.text();
  const headers = { 'content-type': 'application/json' };
  const upstream = await pool.request({ path: '/v1/completions', method: 'POST', headers, body, signal: abort.signal });
  c.env.outgoing.writeHead(upstream.statusCode, { 'content-type': 'text/event-stream' });
  for await (const chunk of upstream.body) if (!c.env.outgoing.write(chunk)) await once(c.env.outgoing, 'drain');
  c.env.outgoing.end();
  return RESPONSE_ALREADY_SENT;
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => reportCpuTo(process, port));
