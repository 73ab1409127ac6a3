/** Whoever leaves, in whatever way and moment: the upstream learns of it, nothing goes on, and nobody calls it an error. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ABORT_CASES, runAbortStorm } from '../harness/abort-storm.ts';
import { complete, readiness, sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { type StallingUpstream, startStallingUpstream } from '../harness/stalling-upstream.ts';

/** A thousand and eight in all. */
const EACH = 84;
/** An abort takes a millisecond or two; one that takes this long waits for a timeout instead of being told. */
const HANGS_MS = 2_000;

let folder: string;
let upstream: StallingUpstream;
let server: GhostlineServer;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-cancellation-'));
  upstream = await startStallingUpstream();
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `listen: { http2: cleartext }
limits: { requestsPerMinute: 100000000 }
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [{ name: gpu, kind: openai, url: "${upstream.url}/v1", firstTokenTimeoutMs: 30000, idleTimeoutMs: 30000 }]
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
});
afterEach(async () => {
  await server.stop();
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

async function metric(pattern: RegExp): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text();
  return text
    .split('\n')
    .filter((line) => pattern.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a thousand requests whose clients leave, over both protocols, in both forms, at every moment', () => {
  it('are all seen upstream, leave nothing behind, and count as cancelled only', async () => {
    const results = await runAbortStorm({ url: server.url, upstream, each: EACH });
    const all = ABORT_CASES.length * EACH;
    expect(results.flatMap(({ closedAfterMs }) => closedAfterMs)).toHaveLength(all);
    expect([upstream.calls, upstream.cancelled, upstream.open]).toEqual([all, all, 0]);
    for (const { closedAfterMs } of results) expect(Math.max(...closedAfterMs)).toBeLessThan(HANGS_MS);
    await expect.poll(() => metric(/^ghostline_completions_total\{.*outcome="cancelled"/)).toBe(all);
    expect(await metric(/^ghostline_completions_total\{/)).toBe(all);
    expect(await metric(/^ghostline_completions_in_flight /)).toBe(0);
    expect(await metric(/^ghostline_problems_total\{/)).toBe(0);
    const { body } = await readiness(server.url);
    expect(body.components['inference']).toEqual({ state: 'ok' });
  });
});

describe('a deadline', () => {
  it('ends the generation upstream when it passes, and the answer with what was said by then', async () => {
    const call = upstream.call('mark_1_');
    const answer = complete(
      server.url,
      { ...sampleRequest, prefix: '// mark_1_\nlet x = ' },
      { 'x-ghostline-deadline-ms': '1500' },
    );
    await call.asked;
    call.speak();
    await call.cancelled;
    expect((await answer).body.choices).toEqual([{ index: 0, text: 'const answer', finish_reason: 'time' }]);
    expect(upstream.open).toBe(0);
  });

  it('of one of two identical requests does not cut the other', async () => {
    const call = upstream.call('mark_2_');
    const prefix = '// mark_2_\nlet x = ';
    const patient = complete(server.url, { prefix });
    await call.asked;
    const hurried = await complete(server.url, { prefix }, { 'x-ghostline-deadline-ms': '50' });
    expect(hurried.body).toMatchObject({ choices: [], reason: 'deadline' });
    expect([upstream.calls, upstream.open]).toEqual([1, 1]);
    call.speak();
    // The flight's own limit of five seconds after its first token ends it.
    expect((await patient).body.choices).toEqual([{ index: 0, text: 'const answer', finish_reason: 'time' }]);
  });
});
