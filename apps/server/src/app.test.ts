import { describe, expect, it } from 'vitest';
import { harness, key, problemOf, request, secret } from './testing/app-harness.ts';

describe('a process that ends', () => {
  it('asks those to come again whose answer would be cut', async () => {
    const response = await harness({ tooLate: true }).post('/v1/code/completions', request);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemOf(response)).toMatchObject({ name: 'shutting-down', status: 503, retryable: true });
  });
});

describe('authentication', () => {
  it('takes a known key and refuses all else, saying how to send one', async () => {
    const { post } = harness({ keys: [key] });
    expect((await post('/v1/code/completions', request, { authorization: `Bearer ${secret}` })).status).toBe(200);
    for (const headers of [{}, { authorization: `Bearer ${secret}x` }, { authorization: `Basic ${secret}` }]) {
      const response = await post('/v1/code/completions', request, headers);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect((await problemOf(response)).name).toBe('unauthenticated');
    }
  });

  it('keeps developers off the reports', async () => {
    const { get } = harness({ keys: [key] });
    const response = await get('/admin/api/acceptance?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', {
      authorization: `Bearer ${secret}`,
    });
    expect((await problemOf(response)).name).toBe('forbidden');
  });

  it('limits each key, and says when to come back', async () => {
    const { post } = harness({ keys: [key], perMinute: 10 });
    const headers = { authorization: `Bearer ${secret}` };
    expect((await post('/v1/code/completions', request, headers)).status).toBe(200);
    const problem = await problemOf(await post('/v1/code/completions', request, headers));
    expect(problem).toMatchObject({ name: 'rate-limited', retryable: true });
    expect(problem.retry_after_ms).toBeGreaterThan(0);
  });
});

describe('the OpenAPI document', () => {
  it('has every address that programs use, and none that is not there', async () => {
    const { app, get } = harness();
    const { paths } = (await (await get('/openapi.json')).json()) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const isPage = (path: string) =>
      path === '/' || path.endsWith('*') || /^\/(?:admin|playground|docs|openapi\.json)(?!\/api)/.test(path);
    const served = app.routes.flatMap(({ method, path }) =>
      method === 'ALL' || isPage(path) ? [] : [`${method} ${path}`],
    );
    // Served where there is a configuration to read again.
    expect(new Set(described)).toEqual(new Set([...served, 'GET /admin/api/config']));
  });
});

describe('every answer', () => {
  const addresses = [
    '/healthz',
    '/readyz',
    '/metrics',
    '/v1/regions',
    '/v1/policy',
    '/openapi.json',
    '/docs',
    '/docs/swagger-ui.css',
    '/admin/',
    '/nowhere',
  ];

  it('is what its type says, in no frame, and tells nobody where its reader came from', async () => {
    const { get, post } = harness();
    for (const address of addresses) {
      const { headers } = await get(address);
      expect(headers.get('x-content-type-options'), address).toBe('nosniff');
      expect(headers.get('referrer-policy'), address).toBe('no-referrer');
      expect(headers.get('x-frame-options'), address).toMatch(/DENY|SAMEORIGIN/);
      // Nobody asked for TLS: promising it would break other programs under this name.
      expect(headers.get('strict-transport-security'), address).toBeNull();
    }
    for (const body of [request, 'broken']) {
      const { headers } = await post('/v1/code/completions', body);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('that is a page runs scripts of this server only', async () => {
    const { get } = harness();
    for (const address of ['/docs', '/admin/', '/playground/']) {
      const policy = (await get(address)).headers.get('content-security-policy') ?? '';
      expect(policy, address).toContain("default-src 'self'");
      expect(policy, address).toContain("frame-ancestors 'none'");
      expect(policy, address).not.toMatch(/script-src|unsafe-eval/);
    }
  });
});

describe('getPolicy', () => {
  it('tells each organisation what it has of its own', async () => {
    const { app } = harness({ keys: [{ ...key, org: 'globex' }] });
    const response = await app.request('http://127.0.0.1/v1/policy', {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(await response.json()).toEqual({ excluded_paths: ['generated/'], excluded_languages: ['sql'] });
  });

  it('tells clients which files the organisation keeps in the editor', async () => {
    const { app } = harness();
    const response = await app.request('http://127.0.0.1/v1/policy');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ excluded_paths: ['generated/'], excluded_languages: [] });
  });

  it('wants the key', async () => {
    const { app } = harness({ keys: [key] });
    expect((await app.request('http://127.0.0.1/v1/policy')).status).toBe(401);
  });
});

describe('listRegions', () => {
  it('names the own region at the address asked, and the others of the configuration', async () => {
    const regions = [
      { name: 'eu', url: 'https://eu.example.com' },
      { name: 'us', url: 'https://us.example.com' },
    ];
    const { app } = harness({ regions });
    const response = await app.request('http://127.0.0.1/v1/regions');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      regions: [
        { name: 'eu', url: null, health: 'ok' },
        { name: 'us', url: 'https://us.example.com', health: 'ok' },
      ],
    });
  });

  it('wants the key', async () => {
    const { app } = harness({ keys: [key] });
    expect((await app.request('http://127.0.0.1/v1/regions')).status).toBe(401);
  });
});

describe('readiness', () => {
  it('needs no key and names components; addresses and errors are for this machine only', async () => {
    const open = await harness().get('/readyz');
    expect(await open.json()).toMatchObject({
      ready: true,
      components: { event_log: { state: 'down', detail: 'http://internal' } },
    });
    const guarded = await harness({ keys: [key] }).get('/readyz', { host: 'ghostline.example' });
    expect(await guarded.json()).toMatchObject({ ready: true, components: { event_log: { state: 'down' } } });
    expect(JSON.stringify(await (await harness({ keys: [key] }).get('/readyz')).json())).not.toContain('internal');
  });

  it('tells nothing more to what a proxy on this machine forwards', async () => {
    const { app } = harness({ keys: [key] });
    const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
    const textWith = async (headers: Record<string, string>) =>
      (await app.request('/readyz', { headers: { host: 'localhost', ...headers } }, here)).text();
    expect(await textWith({})).toContain('http://internal');
    for (const header of ['x-forwarded-for', 'forwarded']) {
      expect(await textWith({ [header]: '198.51.100.7' })).not.toContain('internal');
    }
  });

  it('is told to this machine under its own name only, when there is no authentication', async () => {
    for (const path of ['/readyz', '/metrics']) {
      expect((await harness().get(path, { host: 'evil.example' })).status).toBe(403);
      expect((await harness().get(path, { host: 'LocalHost:4700' })).status).toBe(200);
    }
    expect((await harness().get('/healthz', { host: '10.0.0.1' })).status).toBe(200);
  });
});

describe('what a proxy on this machine forwards', () => {
  const signs = [
    'x-forwarded-for',
    'forwarded',
    'via',
    'x-real-ip',
    'x-forwarded-proto',
    'x-envoy-external-address',
    'cf-ray',
  ];

  it.each(signs)('is refused without authentication, as anybody may have sent it: %s', async (header) => {
    const { post, get } = harness();
    const forwarded = { [header]: 'for=203.0.113.9' };
    for (const response of [
      await post('/v1/code/completions', request, forwarded),
      await post('/admin/api/spending/stop', {}, forwarded),
      await get('/readyz', forwarded),
    ]) {
      expect(await problemOf(response)).toMatchObject({
        name: 'origin-not-allowed',
        detail: expect.stringMatching(new RegExp(`the header ${header}.*configure auth`)),
      });
    }
    const closed = harness({ keys: [key] });
    const known = { ...forwarded, authorization: `Bearer ${secret}` };
    expect((await closed.post('/v1/code/completions', request, known)).status).toBe(200);
  });
});

describe('a browser', () => {
  const preflightOf = (app: ReturnType<typeof harness>['app'], path: string, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'OPTIONS',
      headers: {
        host: 'ghostline.example',
        origin: 'https://vscode.dev',
        'access-control-request-method': 'POST',
        ...headers,
      },
    });

  it('on another origin, or through a rebound host name, is refused without authentication', async () => {
    const { post } = harness();
    expect(
      (await problemOf(await post('/v1/code/completions', request, { origin: 'https://evil.example' }))).name,
    ).toBe('origin-not-allowed');
    expect((await problemOf(await post('/v1/code/completions', request, { host: 'evil.example' }))).name).toBe(
      'origin-not-allowed',
    );
    expect((await post('/v1/code/completions', request, { origin: 'http://127.0.0.1:9000' })).status).toBe(200);
  });

  it('gets its preflight answered with what is offered at that address', async () => {
    const { app } = harness({ keys: [key] });
    const preflight = await preflightOf(app, '/v1/code/completions');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://vscode.dev');
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, accept, x-request-id, traceparent, x-ghostline-deadline-ms',
    );
    expect(preflight.headers.get('access-control-allow-private-network')).toBeNull();
    const methods = async (path: string) => (await preflightOf(app, path)).headers.get('access-control-allow-methods');
    expect(await methods('/v1/code/completions')).toBe('POST');
    expect(await methods('/v1/policy')).toBe('GET');
    expect(await methods('/admin/api/spending/stop')).toBe('GET, POST, DELETE');
    expect((await preflightOf(app, '/v1/nothing')).status).toBe(404);
    const near = await preflightOf(app, '/v1/policy', { 'access-control-request-private-network': 'true' });
    expect(near.headers.get('access-control-allow-private-network')).toBe('true');
  });

  it('may read what answers say in headers, of those that went wrong, too', async () => {
    const { post, get } = harness({ keys: [key] });
    const origin = 'https://vscode.dev';
    for (const response of [
      await post('/v1/code/completions', request, { origin, authorization: `Bearer ${secret}` }),
      await post('/v1/code/completions', request, { origin }),
      await get('/nothing', { origin }),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('vary')).toBe('origin');
      const exposed = response.headers.get('access-control-expose-headers')!.split(', ');
      for (const name of ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy', 'server-timing'])
        expect(exposed).toContain(name);
    }
  });

  it('measures how far a region is by its health', async () => {
    const origin = async (made: ReturnType<typeof harness>, from: string) =>
      (await made.get('/healthz', { host: '10.0.0.1', origin: from })).headers.get('access-control-allow-origin');
    expect(await origin(harness({ keys: [key] }), 'https://vscode.dev')).toBe('https://vscode.dev');
    expect(await origin(harness({ keys: [key], origins: [] }), 'https://vscode.dev')).toBeNull();
    expect(await origin(harness(), 'https://evil.example')).toBeNull();
    expect(await origin(harness(), 'http://localhost:3000')).toBe('http://localhost:3000');
  });

  it('on an origin that is not among those configured reads nothing, and others are answered as ever', async () => {
    const made = harness({ keys: [key], origins: ['https://vscode.dev', 'https://*.vscode-cdn.net'] });
    const known = { authorization: `Bearer ${secret}` };
    const readable = async (origin: string) => {
      const answer = await made.get('/v1/policy', { ...known, origin });
      const preflight = await preflightOf(made.app, '/v1/policy', { origin });
      expect(answer.status).toBe(200);
      expect(preflight.status).toBe(answer.headers.has('access-control-allow-origin') ? 204 : 403);
      return answer.headers.get('access-control-allow-origin') === origin;
    };
    expect(await readable('https://vscode.dev')).toBe(true);
    expect(await readable('https://v--1a2b3c.vscode-cdn.net')).toBe(true);
    for (const origin of [
      'https://evil.example',
      'http://vscode.dev',
      'https://vscode.dev:8443',
      'https://vscode-cdn.net',
      'https://.vscode-cdn.net',
      'https://vscode-cdn.net.evil.example',
      'null',
    ])
      expect(await readable(origin), origin).toBe(false);
    expect((await made.get('/v1/policy', known)).status).toBe(200);
  });
});
