import { describe, expect, it } from 'vitest';
import { redisState } from './redis-cache.ts';

const well = { sharedCache: 'ok', sharedWrites: 'ok' } as const;

describe('the state of Redis', () => {
  it('is well when it is connected, answers in time and takes values', () => {
    expect(redisState({ status: 'ready' }, well)).toEqual({ state: 'ok' });
    // What it refused once says nothing while it takes the next.
    expect(redisState({ status: 'ready' }, { ...well, sharedWriteError: 'READONLY' })).toEqual({ state: 'ok' });
  });

  it.each([
    ['reconnecting', well, /the connection is reconnecting; completions go on with the cache of this process only/],
    ['ready', { ...well, sharedCache: 'resting' }, /it fails or answers too late/],
    [
      'ready',
      { ...well, sharedWrites: 'resting', sharedWriteError: "OOM command not allowed when used memory > 'maxmemory'." },
      /its memory is full; raise maxmemory, or let it evict: maxmemory-policy volatile-lru/,
    ],
    [
      'ready',
      { ...well, sharedWrites: 'resting', sharedWriteError: "READONLY You can't write against a read only replica." },
      /it is read-only; its address must lead to the primary/,
    ],
    ['ready', { ...well, sharedWrites: 'resting', sharedWriteError: 'MISCONF Redis is …' }, /it takes no values/],
  ] as const)('says what is wrong with it and what helps: %s, %j', (status, stats, detail) => {
    expect(redisState({ status }, stats)).toEqual({ state: 'degraded', detail: expect.stringMatching(detail) });
  });

  it('of a cluster tells which of its nodes is away, and only of those that are', () => {
    const node = (port: number, status: string) => ({ status, options: { host: '10.0.0.1', port } });
    const cluster = (...states: string[]) => ({
      status: 'ready',
      nodes: () => states.map((state, index) => node(7001 + index, state)),
    });
    expect(redisState(cluster('ready', 'ready', 'wait'), well)).toEqual({ state: 'ok' });
    expect(redisState(cluster('ready', 'reconnecting', 'ready'), well)).toEqual({
      state: 'degraded',
      detail:
        'Redis: 10.0.0.1:7002 of the cluster is away; completions go on with what it has and the cache of this process',
    });
    expect(redisState(cluster('connecting', 'reconnecting'), well)).toMatchObject({
      detail: expect.stringContaining('10.0.0.1:7001, 10.0.0.1:7002 of the cluster are away'),
    });
  });
});
