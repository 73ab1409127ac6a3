import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PROBLEM_MEDIA_TYPE, problem } from '@ghostline/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { SpendingCommand } from './arguments.ts';
import { stopSpending } from './stop-spending.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers with `body`, and what it was asked. */
async function serverThat(body: unknown, status = 200, type = 'application/json') {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((sent) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''} ${sent}`.trim());
      return response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const STOP: SpendingCommand['action'] = { kind: 'stop', reason: undefined, minutes: undefined };

async function run(server: string, command: Partial<SpendingCommand> = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await stopSpending(
    {
      kind: 'stop-spending',
      action: STOP,
      organisation: undefined,
      user: undefined,
      server,
      tokenVariable: { name: 'GHOSTLINE_NO_SUCH_TOKEN', required: false },
      json: false,
      ...command,
    },
    { stdout, stderr },
    new AbortController().signal,
  );
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

describe('ghostline stop-spending', () => {
  it('stops everybody’s, or one’s, and says what goes on', async () => {
    const { url, asked } = await serverThat({ found: true, everywhere: true });
    expect(await run(url)).toEqual({
      code: 0,
      out: 'Spending is stopped for everybody. Completions go on from caches and the embedded model.\n',
      err: '',
    });
    const action = { kind: 'stop', reason: 'A loop.', minutes: 5 } as const;
    expect((await run(`${url}/`, { action, organisation: 'acme', user: 'alice' })).out).toContain(
      'the user alice of acme',
    );
    expect(asked).toEqual([
      'POST /admin/api/spending/stop  {}',
      'POST /admin/api/spending/stop  {"organisation":"acme","user":"alice","reason":"A loop.","minutes":5}',
    ]);
  });

  it('resumes it, and says when there was nothing to resume or others do not know yet', async () => {
    const { url, asked } = await serverThat({ found: false, everywhere: false });
    const { out } = await run(url, { action: { kind: 'resume' }, organisation: 'a&b' });
    expect(out).toContain('Spending was not stopped for the organisation a&b');
    expect(out).toContain('the others will when the store is back');
    expect(asked).toEqual(['DELETE /admin/api/spending/stop?organisation=a%26b']);
  });

  it('says what is stopped', async () => {
    const stop = { scope: 'user', organisation: 'acme', user: 'alice', reason: 'A loop.', by: 'rule' };
    const { url } = await serverThat({ stops: [{ ...stop, since: '2026-11-21T12:00:00Z' }] });
    expect((await run(url, { action: { kind: 'status' } })).out).toBe(
      'Stopped for the user alice of acme since 2026-11-21T12:00:00Z until somebody resumes it, by rule: A loop.\n',
    );
    expect(JSON.parse((await run(url, { action: { kind: 'status' }, json: true })).out)).toMatchObject({
      stops: [stop],
    });
    expect((await run((await serverThat({ stops: [] })).url, { action: { kind: 'status' } })).out).toBe(
      'Nothing is stopped.\n',
    );
  });

  it('says what the server says when it refuses, and what to look at when there is none', async () => {
    const refusing = await serverThat(problem('forbidden', 'Not yours.'), 403, PROBLEM_MEDIA_TYPE);
    expect(await run(refusing.url)).toEqual({ code: 1, out: '', err: 'ghostline: Not yours.\n' });
    const other = await serverThat('<html>', 404, 'text/html');
    expect((await run(other.url)).err).toContain('the server answers 404');
    expect((await run('http://127.0.0.1:9')).err).toContain('cannot be reached');
    const tokenVariable = { name: 'GHOSTLINE_NO_SUCH_TOKEN', required: true };
    expect(await run(other.url, { tokenVariable })).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not set'),
    });
  });
});
