/** Requests that nobody would send by intention: whatever comes, the answer is one, nothing leaks, and the gateway lives. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fuzz } from '../harness/fuzz/fuzz.ts';
import { MARK } from '../harness/fuzz/hostile.ts';
import { type FuzzTarget, startFuzzTarget } from '../harness/fuzz/target.ts';
import { complete } from '../harness/ghostline-api.ts';

/** `pnpm bench fuzz` sends a hundred thousand, of another seed each time. */
const REQUESTS = 5_000;
const SEED = 20_261_121;
/** What the heap may grow by until it is collected, and the caches until they are full. */
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

let target: FuzzTarget;
beforeEach(async () => {
  target = await startFuzzTarget();
});
afterEach(async () => {
  await target.stop();
});

describe('five thousand mutated requests of all routes', () => {
  it('are answered or refused, never with a 5xx, never with what was in them', async () => {
    const { server, authorization, requests } = target;
    const before = await target.residentBytes();
    const report = await fuzz({ url: server.url, seed: SEED, count: REQUESTS, requests, authorization });
    expect(report.failures, `seed ${report.seed}`).toEqual([]);
    expect(report.sent).toBe(REQUESTS);
    // Mutations that all fail at the door would test only the door.
    expect(report.statuses['200']).toBeGreaterThan(REQUESTS / 20);
    expect(report.statuses['400']).toBeGreaterThan(REQUESTS / 20);
    expect((await target.residentBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
    expect(await complete(server.url, {}, { authorization })).toMatchObject({ status: 200 });
    expect(server.output()).not.toContain(MARK);
    expect(server.output()).not.toMatch(/unexpected error|Warning:|"level":(?:50|60)/);
  }, 240_000);
});
