import { InferenceError } from '@ghostline/inference';
import { describe, expect, it } from 'vitest';
import { harness, request } from '../testing/app-harness.ts';

describe('a limit', () => {
  it('is told with every answer, as the standard fields have it', async () => {
    const { post } = harness({ perMinute: 600 });
    const { headers } = await post('/v1/code/completions', request);
    expect(headers.get('ratelimit-policy')).toBe('"requests-key";q=600;w=60;qu="requests"');
    expect(headers.get('ratelimit')).toMatch(/^"requests-key";r=5[89];t=1$/);
    expect(headers.get('x-ghostline-spending')).toBeNull();
  });

  it('that is reached is named with its scope, and refuses before the body is read', async () => {
    const { post, engine, metrics, rows } = harness({ perMinute: 10 });
    expect((await post('/v1/code/completions', request)).status).toBe(200);
    for (const body of [request, 'not even JSON']) {
      const response = await post('/v1/code/completions', body);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(response.headers.get('ratelimit')).toMatch(/^"requests-key";r=0;t=\d$/);
      expect(await response.json()).toMatchObject({
        type: 'urn:ghostline:problem:rate-limited',
        limit: { name: 'requests_per_minute', scope: 'key' },
        detail:
          'More than 10 requests a minute with the key "local". An admin can raise limits.perKey.requestsPerMinute.',
        retry_after_ms: expect.any(Number),
      });
    }
    expect(rows).toHaveLength(1);
    expect(engine.spends).toEqual(['any']);
    expect(await metrics.registry.metrics()).toContain(
      'ghostline_limit_refusals_total{limit="requestsPerMinute",scope="key",outcome="refused"} 2',
    );
  });

  it('counts requests that cannot be understood', async () => {
    const { post } = harness({ perMinute: 20 });
    expect((await post('/v1/code/completions', { prefix: 1 })).status).toBe(400);
    expect((await post('/v1/code/completions', { prefix: 1 })).status).toBe(400);
    expect((await post('/v1/code/completions', request)).status).toBe(429);
  });

  it('of tokens takes what was really used', async () => {
    const { post } = harness({ limits: { perUser: { tokensPerMinute: 2_000 } } });
    // Each reserves 131 of the 500 at once, and uses 12.
    for (let i = 0; i < 25; i++) expect((await post('/v1/code/completions', request)).status).toBe(200);
    const large = { ...request, prefix: 'x'.repeat(2_000) };
    expect((await post('/v1/code/completions', large)).status).toBe(429);
  });

  it('of streams lets go of each that ends, however it does', async () => {
    const { post } = harness({
      script: [new InferenceError('connect', 'a', 'away')],
      limits: { perKey: { concurrentStreams: 1 } },
    });
    for (let i = 0; i < 3; i++) expect((await post('/v1/code/completions', request)).status).toBe(502);
  });

  it('sheds what is asked ahead, so that it does not hold back what is asked next', async () => {
    const { post, rows, engine } = harness({ perMinute: 100 });
    const ahead = { ...request, trigger: 'speculative' };
    for (let i = 0; i < 8; i++) await post('/v1/code/completions', ahead);
    const response = await post('/v1/code/completions', ahead);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [], reason: 'shed', model: 'none' });
    expect(rows.at(-1)).toMatchObject({ outcome: 'shed', promptTokens: 0 });
    expect(engine.spends).toHaveLength(8);
    expect(await (await post('/v1/code/completions', request)).json()).toMatchObject({ choices: [{ text: '40 + 2' }] });
  });
});
