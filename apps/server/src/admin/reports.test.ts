import { describe, expect, it } from 'vitest';
import { harness, problemOf } from '../testing/app-harness.ts';

describe('reports', () => {
  it('check their query and say what is wrong with it', async () => {
    const { get } = harness();
    const detail = async (query: string) => (await problemOf(await get(`/admin/api/acceptance?${query}`))).detail;
    expect(await detail('from=yesterday&to=2026-01-02T00:00:00Z')).toMatch(/from: must be an RFC 3339 time/);
    expect(await detail('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toBe('to: must be later than "from"');
    expect(await detail('from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&groupby=model')).toBe(
      'groupby: unknown field; did you mean "group_by"?',
    );
    expect(await detail('from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&group_by=modle')).toMatch(
      /group_by\[0\]: unknown value; did you mean "model"/,
    );
  });

  it('pass on dimensions, repeatable, for the caller’s organisation', async () => {
    const seen: unknown[] = [];
    const { get } = harness({
      store: {
        acceptance: async (...args) => {
          seen.push(args);
          return { rows: [], freshness_ms: null };
        },
      },
    });
    const query = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&interval=day&group_by=language&group_by=model';
    expect((await get(`/admin/api/acceptance?${query}`)).status).toBe(200);
    expect(seen).toEqual([
      [
        expect.objectContaining({ interval: 'day', group_by: ['language', 'model'] }),
        { org: 'local', minimumUsers: 1 },
        expect.any(AbortSignal),
      ],
    ]);
  });

  it.each(['acceptance', 'latency', 'retention'] as const)(
    'give what the store says of %s, and say so when it is away',
    async (name) => {
      const range = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
      const answer = { rows: [], freshness_ms: null };
      const { get } = harness({ store: { [name]: async () => answer } });
      expect(await (await get(`/admin/api/${name}?${range}`)).json()).toEqual(answer);
      const response = await harness().get(`/admin/api/${name}?${range}`);
      expect((await problemOf(response)).name).toBe('analytics-unavailable');
    },
  );
});
