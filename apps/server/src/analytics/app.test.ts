import { once } from 'node:events';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it, vi } from 'vitest';
import { createAnalyticsApp } from './app.ts';
import type { Engine, InsertStatement, QueryStatement } from './chdb-engine.ts';
import { LaneFullError, createLane } from './lane.ts';

const soon = { timeout: 10_000, interval: 5 };
const TOKEN = 'the-token';
const bearer = { authorization: `Bearer ${TOKEN}` };

/** The app over an engine that notes what it is asked and fails when told to. */
function setUp(failure?: Error) {
  const asked: (QueryStatement | InsertStatement)[] = [];
  const answer = async <T>(statement: QueryStatement | InsertStatement, result: T): Promise<T> => {
    asked.push(statement);
    if (failure) throw failure;
    return result;
  };
  const engine: Engine = {
    query: (statement) =>
      answer(statement, { bytes: Buffer.from('{"n":1}\n'), rowsRead: 1, bytesRead: 8, elapsedMs: 2 }),
    insert: (statement) => answer(statement, { rowsWritten: 2, bytesWritten: 20, elapsedMs: 3 }),
    close: async () => {},
  };
  const app = createAnalyticsApp({ engine, token: TOKEN });
  const request = (path: string, init: RequestInit = {}) => app.request(path, { headers: bearer, ...init });
  return { asked, request };
}

describe('the token', () => {
  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer nope' }],
    ['a longer one', { authorization: `Bearer ${TOKEN}x` }],
    ['a wrong password', { authorization: `Basic ${btoa('default:nope')}` }],
    ['an empty one', { authorization: 'Bearer ' }],
  ] as [string, Record<string, string>][])('is asked for: %s gets nothing, not even /ping', async (_, headers) => {
    const { asked, request } = setUp();
    for (const path of ['/ping', '/?query=SELECT%201', '/elsewhere']) {
      const response = await request(path, { headers });
      expect(response.status).toBe(403);
      expect(response.headers.get('x-clickhouse-exception-code')).toBe('516');
      expect(await response.text()).toMatch(/^Code: 516\. DB::Exception: .*\(AUTHENTICATION_FAILED\)/);
    }
    expect(asked).toEqual([]);
  });

  it('is taken as a bearer token and as a password, which may hold colons', async () => {
    const { request } = setUp();
    expect((await request('/ping')).status).toBe(200);
    expect((await request('/ping', { headers: { authorization: `Basic ${btoa(`default:${TOKEN}`)}` } })).status).toBe(
      200,
    );
  });
});

describe('queries', () => {
  it('take their SQL from the body, their values from the URL and the format as a default', async () => {
    const { asked, request } = setUp();
    const parameters = new URLSearchParams({
      param_name: String.raw`a\tb\\c\'d`,
      default_format: 'JSONEachRow',
      query_id: 'q1',
    });
    const response = await request(`/?${parameters}`, { method: 'POST', body: 'SELECT {name:String}' });
    expect(await response.text()).toBe('{"n":1}\n');
    expect(response.headers.get('x-clickhouse-query-id')).toBe('q1');
    expect(JSON.parse(response.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
      read_rows: '1',
      elapsed_ns: '2000000',
    });
    expect(asked).toEqual([{ sql: 'SELECT {name:String}', params: { name: "a\tb\\c'd" }, format: 'JSONEachRow' }]);
  });

  it('take the SQL from the URL too', async () => {
    const { asked, request } = setUp();
    await request('/?query=SELECT%201');
    expect(asked).toEqual([{ sql: 'SELECT 1', params: {}, format: 'TabSeparated' }]);
  });

  it('refuse a setting in the URL, and a compressed body, instead of ignoring them', async () => {
    const { asked, request } = setUp();
    const setting = await request('/?max_threads=1&query=SELECT%201');
    expect(setting.status).toBe(400);
    expect(await setting.text()).toContain('Parameter max_threads is not known');
    const compressed = await request('/', {
      method: 'POST',
      body: 'x',
      headers: { ...bearer, 'content-encoding': 'gzip' },
    });
    expect(compressed.status).toBe(501);
    expect(asked).toEqual([]);
  });
});

describe('inserts', () => {
  it('pass their rows on as they are', async () => {
    const { asked, request } = setUp();
    const parameters = new URLSearchParams({ query: 'INSERT INTO ghostline_events (a, b) FORMAT JSONEachRow' });
    const response = await request(`/?${parameters}`, { method: 'POST', body: '{"a":1,"b":2}' });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ written_rows: '2' });
    expect(asked).toEqual([
      {
        table: 'ghostline_events',
        columns: ['a', 'b'],
        format: 'JSONEachRow',
        body: new TextEncoder().encode('{"a":1,"b":2}'),
      },
    ]);
  });
});

describe('errors', () => {
  it.each([
    [
      'Code: 62. DB::Exception: Syntax error: at 1. (SYNTAX_ERROR)',
      400,
      '62',
      'Code: 62. DB::Exception: Syntax error: at 1. (SYNTAX_ERROR)',
    ],
    [
      'Code: 60. DB::Exception: No such table. (UNKNOWN_TABLE)',
      404,
      '60',
      'Code: 60. DB::Exception: No such table. (UNKNOWN_TABLE)',
    ],
    [
      'Code: 241. DB::Exception: Too much. (MEMORY_LIMIT_EXCEEDED)',
      500,
      '241',
      'Code: 241. DB::Exception: Too much. (MEMORY_LIMIT_EXCEEDED)',
    ],
    ['something else', 500, '1002', 'Code: 1002. DB::Exception: something else. (UNKNOWN_EXCEPTION)'],
  ])('come in the form of ClickHouse: %s', async (message, status, code, text) => {
    const { request } = setUp(new Error(message));
    const response = await request('/?query=SELECT%201');
    expect(response.status).toBe(status);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe(code);
    expect(await response.text()).toBe(`${text}\n`);
  });

  it('say when too many queries wait', async () => {
    const { request } = setUp(new LaneFullError('32 queries already wait'));
    const response = await request('/?query=SELECT%201');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('32 queries already wait. (TOO_MANY_SIMULTANEOUS_QUERIES)');
  });
});

describe('a client that leaves', () => {
  it('takes its query with it, before that has begun', async () => {
    const held = Promise.withResolvers<void>();
    const lane = createLane(2);
    const asked: AbortSignal[] = [];
    const begun: string[] = [];
    const engine: Engine = {
      query({ sql }, signal) {
        asked.push(signal);
        return lane.run(async () => {
          begun.push(sql);
          await held.promise;
          return { bytes: Buffer.from(''), rowsRead: 0, bytesRead: 0, elapsedMs: 0 };
        }, signal);
      },
      insert: () => Promise.reject(new Error('nothing is inserted here')),
      close: async () => {},
    };
    const server = createAdaptorServer({ fetch: createAnalyticsApp({ engine, token: TOKEN }).fetch }) as Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = async (sql: string) => {
      const before = asked.length;
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', headers: bearer, agent: false });
      request.on('error', () => {}).end(sql);
      await vi.waitFor(() => expect(asked).toHaveLength(before + 1), soon);
      return request;
    };
    const first = await ask('first');
    const second = await ask('second');
    second.destroy();
    await vi.waitFor(() => expect(asked.map(({ aborted }) => aborted)).toEqual([false, true]), soon);
    held.resolve();
    await once(first, 'response');
    await lane.idle();
    expect(begun).toEqual(['first']);
    server.closeAllConnections();
    server.close();
  });
});

describe('a lane', () => {
  const signal = new AbortController().signal;

  it('runs one after the other, in order, also after a failure', async () => {
    const lane = createLane(10);
    const log: string[] = [];
    const task = (name: string, failure?: Error) => async () => {
      log.push(`${name} begins`);
      await setImmediate();
      log.push(`${name} ends`);
      if (failure) throw failure;
      return name;
    };
    const results = await Promise.allSettled([
      lane.run(task('a', new Error('broken')), signal),
      lane.run(task('b'), signal),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('refuses when too many wait, and takes more once there is room', async () => {
    const lane = createLane(2);
    const held = Promise.withResolvers<void>();
    const running = lane.run(() => held.promise, signal);
    await setImmediate();
    const waiting = [lane.run(async () => 1, signal), lane.run(async () => 2, signal)];
    await expect(lane.run(async () => 3, signal)).rejects.toThrow(LaneFullError);
    held.resolve();
    await running;
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await lane.run(async () => 4, signal)).toBe(4);
  });

  it('leaves out what nobody waits for any more', async () => {
    const lane = createLane(2);
    const held = Promise.withResolvers<void>();
    const running = lane.run(() => held.promise, signal);
    const controller = new AbortController();
    let begun = false;
    const abandoned = lane.run(async () => (begun = true), controller.signal);
    controller.abort(new Error('gone'));
    await expect(abandoned).rejects.toThrow('gone');
    held.resolve();
    await running;
    await lane.idle();
    expect(begun).toBe(false);
  });

  it('has room again as soon as somebody who waits has left, and keeps the order of the others', async () => {
    const lane = createLane(2);
    const held = Promise.withResolvers<void>();
    const order: string[] = [];
    const running = lane.run(() => held.promise, signal);
    await setImmediate();
    const leaving = new AbortController();
    const left = lane.run(async () => order.push('left'), leaving.signal);
    const second = lane.run(async () => order.push('second'), signal);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    const third = lane.run(async () => order.push('third'), signal);
    await setImmediate();
    expect(order).toEqual([]);
    held.resolve();
    await Promise.all([running, second, third]);
    expect(order).toEqual(['second', 'third']);
  });
});
