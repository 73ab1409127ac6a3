import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AbortResult, runAbortStorm } from '../harness/abort-storm.ts';
import { eventually } from '../harness/eventually.ts';
import { readiness } from '../harness/ghostline-api.ts';
import { startGhostline } from '../harness/ghostline-server.ts';
import { startStallingUpstream } from '../harness/stalling-upstream.ts';
import { median, percentile } from './load.ts';

/** A thousand and eight requests over the twelve cases. */
const EACH = 84;
const WARM_UP = 20;

/**
 * How soon the upstream learns that a client has left: from the client's leave to the upstream's socket closing, through a real
 * gateway process; over HTTP/1.1 and HTTP/2, streamed and whole, before, during and after the first token, 16 at a time. Client
 * and upstream are one process with one clock, which the figures include the work of.
 */
export async function cancellation(): Promise<unknown> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ghostline-bench-'));
  const upstream = await startStallingUpstream();
  const config = path.join(scratch, 'ghostline.yaml');
  writeFileSync(
    config,
    `listen: { http2: cleartext }
limits: { requestsPerMinute: 100000000 }
log: { level: warn }
models: [{ name: coder, template: qwen2.5-coder, endpoints: [{ name: up, kind: openai, url: "${upstream.url}/v1" }] }]
`,
  );
  const ghostline = await startGhostline({ dataDir: path.join(scratch, 'data'), config });
  try {
    const { url } = ghostline;
    // The store's start takes a core for seconds.
    await eventually('the analytics store runs', async () => {
      const { body } = await readiness(url);
      return body.components['analytics']?.state === 'ok';
    });
    await runAbortStorm({ url, upstream, each: WARM_UP });
    const before = upstream.cancelled;
    const results = await runAbortStorm({ url, upstream, each: EACH });
    const seen = upstream.cancelled - before;
    const cases = results.map((result) => ({ ...figuresOf(result), case: nameOf(result) }));
    const all = results.flatMap(({ closedAfterMs }) => closedAfterMs);
    print(cases);
    console.log(
      `\n${all.length} requests left, ${seen} seen upstream, ${upstream.open} still open; all together p50 ${median(all).toFixed(2)} ms, p99 ${percentile(all, 0.99).toFixed(2)} ms`,
    );
    return { left: all.length, seen, open: upstream.open, p50: median(all), p99: percentile(all, 0.99), cases };
  } finally {
    await ghostline.stop();
    await upstream.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function nameOf({ protocol, form, phase }: AbortResult): string {
  return `${protocol} ${form} ${phase} the first token`;
}

function figuresOf({ closedAfterMs }: AbortResult) {
  return { p50: median(closedAfterMs), p99: percentile(closedAfterMs, 0.99), max: Math.max(...closedAfterMs) };
}

function print(cases: readonly (ReturnType<typeof figuresOf> & { readonly case: string })[]): void {
  console.log(`\n${'client left → upstream closed'.padEnd(40)} p50 ms    p99 ms    max ms`);
  for (const { case: name, p50, p99, max } of cases)
    console.log(`${name.padEnd(40)} ${[p50, p99, max].map((ms) => ms.toFixed(2).padStart(6)).join('    ')}`);
}
