import { createHttp2Exchange } from './exchange-http2.ts';
import { type ExchangeResult, exchange } from './exchange.ts';
import { faultOf } from './judge.ts';
import { type Random, createRandom } from './random.ts';
import { type FuzzCase, type FuzzRequest, fuzzCase, mutated, serialize } from './requests.ts';
import { type WireCase, wireCase } from './wire.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly seed: number;
  readonly count: number;
  /** Valid requests to mutate, of every route. */
  readonly requests: readonly FuzzRequest[];
  readonly authorization: string;
  readonly onProgress?: (done: number) => void;
}

export interface FuzzFailure {
  readonly fault: string;
  /** The smallest input found that still fails, as it is sent. */
  readonly input: string;
}

export interface FuzzReport {
  readonly seed: number;
  readonly sent: number;
  readonly failures: readonly FuzzFailure[];
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** A connection each; more only wait for each other. */
const CONCURRENCY = 16;
/** Far beyond the slowest sane answer, on a busy machine. */
const PATIENCE_MS = 20_000;
/** One in so many is about framing rather than about what is asked. */
const WIRE_SHARE = 0.2;
/** Of the others one in so many is a stream of HTTP/2. */
const HTTP2_SHARE = 0.25;
const MAX_FAILURES = 5;

/** Sends `count` mutated requests, the same for the same seed, and tells which of them were not answered as they should. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const port = Number(new URL(options.url).port);
  const failures: FuzzFailure[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;

  const send = async (parts: readonly Buffer[], maxResponses: number) => {
    const result = await exchange(port, parts, PATIENCE_MS);
    const fault =
      result.responses.length > maxResponses ? `answered ${result.responses.length} times` : faultOf(result);
    return { result, fault };
  };
  const http2 = createHttp2Exchange(options.url);
  const ask = async (tried: FuzzCase, overHttp2: boolean) => {
    const request = mutated(tried);
    if (!overHttp2) return send([serialize(request)], 1);
    const result = await http2.send(request, PATIENCE_MS);
    return { result, fault: faultOf(result) };
  };

  async function shrink(failing: FuzzCase, overHttp2: boolean): Promise<FuzzCase> {
    for (let index = 0; failing.mutations.length > 1 && index < failing.mutations.length; index++) {
      const smaller = { ...failing, mutations: failing.mutations.toSpliced(index, 1) };
      if ((await ask(smaller, overHttp2)).fault !== undefined) return shrink(smaller, overHttp2);
    }
    return failing;
  }

  async function one(random: Random): Promise<void> {
    if (random.chance(WIRE_SHARE)) {
      const wire = wireCase(random, { authorization: options.authorization, body: bodyOf(options.requests) });
      const { result, fault } = await send(wire.parts, wire.maxResponses);
      count(result);
      if (fault !== undefined) failures.push({ fault, input: describeWire(wire) });
      return;
    }
    const tried = fuzzCase(options.requests, random);
    const overHttp2 = random.chance(HTTP2_SHARE);
    const { result, fault } = await ask(tried, overHttp2);
    count(result);
    if (fault === undefined) return;
    const smallest = await shrink(tried, overHttp2);
    failures.push({ fault, input: `${overHttp2 ? 'as HTTP/2: ' : ''}${shown(serialize(mutated(smallest)))}` });
  }

  function count({ responses }: ExchangeResult): void {
    const status = responses.length === 0 ? 'closed' : String(responses[0]!.status);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }

  async function worker(): Promise<void> {
    while (next < options.count && failures.length < MAX_FAILURES) {
      const number = next++;
      await one(createRandom(options.seed + number * 7_919));
      options.onProgress?.(number + 1);
    }
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  http2.close();
  return { seed: options.seed, sent: next, failures, statuses };
}

function bodyOf(requests: readonly FuzzRequest[]): string {
  const body = requests.find((request) => request.body)?.body;
  return body && 'json' in body ? JSON.stringify(body.json) : '{}';
}

function describeWire({ name, parts }: WireCase): string {
  return `${name}: ${shown(Buffer.concat(parts))}`;
}

/** As much as fits a terminal; the seed gives the whole again. */
function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1'));
  return text.length <= 2_000 ? text : `${text.slice(0, 1_500)}… (${bytes.length} bytes) …${text.slice(-300)}`;
}
