import { describe, expect, it } from 'vitest';
import { RequestFailed, failureOf } from './failure.ts';
import { reportPath, reports } from './reports.ts';

const RANGE = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };

describe('the address of a report', () => {
  it('carries the range, and nothing that was not asked for', () => {
    expect(reportPath('acceptance', RANGE)).toBe(
      '/admin/api/acceptance?from=2026-11-20T00%3A00%3A00.000Z&to=2026-11-21T00%3A00%3A00.000Z',
    );
  });
  it('repeats group_by once per dimension', () => {
    const path = reportPath('latency', { ...RANGE, interval: 'hour', group_by: ['language', 'model'] });
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    expect(query.get('interval')).toBe('hour');
    expect(query.getAll('group_by')).toEqual(['language', 'model']);
  });
});

describe('asking for a report', () => {
  it('sends the API key as Bearer', async () => {
    const sent: (string | null)[] = [];
    const { acceptance } = reports({
      apiKey: 'k-123',
      fetch: async (_path, init) => {
        sent.push(new Headers(init?.headers).get('authorization'));
        return Response.json({ rows: [], freshness_ms: null });
      },
    });
    await expect(acceptance(RANGE, AbortSignal.timeout(1000))).resolves.toEqual({ rows: [], freshness_ms: null });
    expect(sent).toEqual(['Bearer k-123']);
  });

  it('repeats what a problem document says, and adds what to do', async () => {
    const failure = await failureFrom(
      Response.json(
        {
          type: 'urn:ghostline:problem:analytics-unavailable',
          title: 'The analytics store does not answer',
          status: 503,
          detail: 'Restarting since 12 s.',
          retryable: true,
        },
        { status: 503 },
      ),
    );
    expect(failure).toMatchObject({ title: 'The analytics store does not answer', detail: 'Restarting since 12 s.' });
    expect(failure.advice).toContain('no event is lost');
    expect(failure.needsKey).toBe(false);
  });

  it.each([
    ['unauthenticated', 401],
    ['forbidden', 403],
  ])('asks for a key when the problem is "%s"', async (name, status) => {
    const body = { type: `urn:ghostline:problem:${name}`, title: 't', status, detail: 'd', retryable: false };
    expect((await failureFrom(Response.json(body, { status }))).needsKey).toBe(true);
  });

  it('does not ask for a key when the host is not allowed, although that is a 403 too', async () => {
    const type = 'urn:ghostline:problem:origin-not-allowed';
    const body = { type, title: 't', status: 403, detail: 'd', retryable: false };
    expect((await failureFrom(Response.json(body, { status: 403 }))).needsKey).toBe(false);
  });

  it('blames a proxy for an answer that is not Ghostline’s', async () => {
    const failure = await failureFrom(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(failure.title).toBe('Unexpected answer (HTTP 502)');
    expect(failure.advice).toContain('proxy');
  });

  it('says so when a success is not what the protocol says', async () => {
    expect((await failureFrom(Response.json({ rows: [{ shown: -1 }] }))).title).toBe('The answer is not understood');
  });

  it('tells a server that does not answer from a question nobody waits for any more', async () => {
    const fetch = async () => {
      throw new TypeError('fetch failed');
    };
    const { acceptance } = reports({ fetch });
    const error = await acceptance(RANGE, new AbortController().signal).catch((caught: unknown) => caught);
    expect(failureOf(error).title).toBe('The server does not answer');
    const reason = new Error('left the page');
    await expect(acceptance(RANGE, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

async function failureFrom(response: Response) {
  const { acceptance } = reports({ fetch: async () => response });
  const error = await acceptance(RANGE, new AbortController().signal).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RequestFailed);
  return failureOf(error);
}
