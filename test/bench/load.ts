import { Pool } from 'undici';

export interface LoadResult {
  /** Request sent to first byte of the body, ms. */
  readonly firstByteMs: number[];
  readonly requestsPerSecond: number;
}

/** What `requests` streamed POSTs at a constant `concurrency` took. Throws on any answer but 200. */
export async function load(
  url: URL,
  {
    requests,
    concurrency,
    headers,
    body,
  }: { requests: number; concurrency: number; headers: Record<string, string>; body: () => string },
): Promise<LoadResult> {
  const pool = new Pool(url.origin, { connections: concurrency, pipelining: 1 });
  const firstByteMs: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next++ < requests) {
      const payload = body();
      const sent = performance.now();
      const response = await pool.request({ path: url.pathname, method: 'POST', headers, body: payload });
      if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode} ${await response.body.text()}`);
      let first = true;
      for await (const _chunk of response.body) {
        if (first) firstByteMs.push(performance.now() - sent);
        first = false;
      }
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const took = performance.now() - began;
  await pool.close();
  return { firstByteMs, requestsPerSecond: (requests / took) * 1000 };
}

/** The value below which `share` of the sorted samples lie (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);
