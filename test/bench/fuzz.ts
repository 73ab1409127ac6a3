import { randomInt } from 'node:crypto';
import { fuzz as send } from '../harness/fuzz/fuzz.ts';
import { MARK } from '../harness/fuzz/hostile.ts';
import { startFuzzTarget } from '../harness/fuzz/target.ts';

const REQUESTS = 100_000;
const SAY_EVERY = 10_000;

/**
 * A hundred thousand mutated requests on every route of a real gateway process, of a seed that is new each time and printed:
 * how many were answered as no request should be, what they were, and what became of the gateway's memory.
 */
export async function fuzz(): Promise<unknown> {
  const target = await startFuzzTarget();
  try {
    const { server, authorization, requests } = target;
    const seed = randomInt(2 ** 31);
    console.log(`seed ${seed}`);
    const mebibytes = async () => Math.round((await target.residentBytes()) / 2 ** 20);
    const resident = [await mebibytes()];
    const failures: unknown[] = [];
    const statuses: Record<string, number> = {};
    for (let done = 0; done < REQUESTS && failures.length === 0; done += SAY_EVERY) {
      const report = await send({ url: server.url, seed: seed + done, count: SAY_EVERY, requests, authorization });
      failures.push(...report.failures);
      for (const [status, times] of Object.entries(report.statuses)) statuses[status] = (statuses[status] ?? 0) + times;
      resident.push(await mebibytes());
      console.log(`${done + report.sent} sent, ${failures.length} failures, ${resident.at(-1)} MiB resident`);
    }
    const leaked = server.output().includes(MARK);
    for (const failure of failures) console.log(failure);
    console.log(
      `\nanswers by status: ${JSON.stringify(statuses)}; the log ${leaked ? 'REPEATS' : 'does not repeat'} the mark`,
    );
    return { seed, failures, statuses, leaked, residentMiB: resident };
  } finally {
    await target.stop();
  }
}
