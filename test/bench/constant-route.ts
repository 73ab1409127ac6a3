/** The floor of a cache hit: a Hono route that finds the key, reads the body and answers bytes it has. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { EVENT_STREAM_HEADERS, type StreamEvent, encodeStreamEvent } from '@ghostline/protocol';
import { serve } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { reportCpuTo } from './process-cpu.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest();
const known = digestOf(`Bearer ${process.argv[2]!}`);

const timings = { auth_ms: 0.01, prompt_ms: 0.1, cache_ms: 0, queue_ms: 0, first_token_ms: 0.2, total_ms: 0.2 };
const events: StreamEvent[] = [
  {
    event: 'start',
    data: {
      completion_id: 'cmp_AZqp0L1rd3mQ2QeQ4m6cYtq0xUo0b2Vt',
      model: 'bench',
      region: 'local',
      endpoint: 'up',
      cache: 'memory',
    },
  },
  { event: 'delta', data: { index: 0, text: 'const total = items.reduce((sum, item) => sum + item.price, 0);' } },
  { event: 'finish', data: { index: 0, reason: 'stop' } },
  { event: 'done', data: { usage: { prompt_tokens: 8000, completion_tokens: 18 }, timings } },
];
const body = events.map(encodeStreamEvent).join('');

const app = new Hono<{ Bindings: HttpBindings }>().post('*', async (c) => {
  if (!timingSafeEqual(digestOf(c.req.header('authorization') ?? ''), known)) return c.body(null, 401);
  await c.req.text();
  return c.body(body, 200, EVENT_STREAM_HEADERS);
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => reportCpuTo(process, port));
