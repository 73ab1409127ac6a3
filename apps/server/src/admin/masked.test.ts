import { describe, expect, it } from 'vitest';
import { masked } from './masked.ts';

describe('settings as an admin reads them', () => {
  const options = { secrets: ['hunter2hunter2'], org: 'acme' };

  it('hide secrets wherever they stand, and say which are set', () => {
    const shown = masked(
      {
        redis: { url: 'redis://:hunter2hunter2@redis:6379', username: 'app', sentinelPassword: 'q' },
        secrets: { cacheKey: 'x', idKey: undefined, previousCacheKeys: ['y'] },
        models: [{ name: 'fast', contextTokens: 4096, endpoints: [{ url: 'http://gpu', secret: 'z' }] }],
        analytics: { url: 'http://u:p@ch:8123', password: '' },
        roles: new Set(['gateway']),
      },
      options,
    );
    expect(JSON.parse(JSON.stringify(shown))).toEqual({
      redis: { url: '…', username: 'app', sentinelPassword: '…' },
      secrets: { cacheKey: '…', previousCacheKeys: ['…'] },
      models: [{ name: 'fast', contextTokens: 4096, endpoints: [{ url: 'http://gpu', secret: '…' }] }],
      analytics: { url: 'http://…@ch:8123', password: '…' },
      roles: ['gateway'],
    });
  });

  it('leave out what is about other organisations', () => {
    const keys = [
      { id: 'a', org: 'acme', sha256: 'd1' },
      { id: 'b', org: 'rival', sha256: 'd2' },
    ];
    expect(masked({ keys, limits: { organisations: { acme: { a: 1 }, rival: { a: 2 } } } }, options)).toEqual({
      keys: [{ id: 'a', org: 'acme', sha256: '…' }],
      limits: { organisations: { acme: { a: 1 } } },
    });
  });
});
