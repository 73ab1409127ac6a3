import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { sampleRequest } from './ghostline-api.ts';
import type { StallingUpstream, UpstreamCall } from './stalling-upstream.ts';

export type Protocol = 'h1' | 'h2';
export type Form = 'stream' | 'document';
/** When the client leaves: before the first token, as it is said, or after it has come through. */
export type Phase = 'before' | 'during' | 'after';

export interface AbortCase {
  readonly protocol: Protocol;
  readonly form: Form;
  readonly phase: Phase;
}

export interface AbortResult extends AbortCase {
  /** From the client's leave to the upstream's socket closing, of each request. */
  readonly closedAfterMs: readonly number[];
}

export const ABORT_CASES: readonly AbortCase[] = (['h1', 'h2'] as const).flatMap((protocol) =>
  (['stream', 'document'] as const).flatMap((form) =>
    (['before', 'during', 'after'] as const).map((phase) => ({ protocol, form, phase })),
  ),
);

const CONCURRENCY = 16;

/** A request on its way: resolves when something of the answer is there, and can be left. */
interface Ask {
  readonly firstBytes: Promise<unknown>;
  leave(): void;
}

/**
 * `each` requests of every case through the gateway at `url`, every one left by its client; resolves when the upstream has
 * seen all of them close. The gateway must take HTTP/2 in clear text.
 */
export async function runAbortStorm({
  url,
  upstream,
  each,
}: {
  readonly url: string;
  readonly upstream: StallingUpstream;
  readonly each: number;
}): Promise<AbortResult[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const session = http2.connect(url);
  session.on('error', () => {});
  let serial = 0;
  const results: AbortResult[] = [];
  try {
    for (const abortCase of ABORT_CASES) {
      const closedAfterMs: number[] = [];
      let left = each;
      const worker = async () => {
        while (left-- > 0) {
          const mark = `mark_${serial++}_`;
          const call = upstream.call(mark);
          const ask =
            abortCase.protocol === 'h1' ? overHttp1(agent, url, abortCase, mark) : overHttp2(session, abortCase, mark);
          closedAfterMs.push(await leaveIn(abortCase, call, ask));
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      results.push({ ...abortCase, closedAfterMs });
    }
    return results;
  } finally {
    agent.destroy();
    session.destroy();
  }
}

async function leaveIn({ form, phase }: AbortCase, call: UpstreamCall, ask: Ask): Promise<number> {
  await call.asked;
  if (phase !== 'before') call.speak();
  // A document has no first byte before its end: there the token is given the time to reach the gateway.
  if (phase === 'after') await (form === 'stream' ? ask.firstBytes : new Promise((resolve) => setTimeout(resolve, 5)));
  const leftAt = performance.now();
  ask.leave();
  return (await call.cancelled) - leftAt;
}

function bodyOf(mark: string): string {
  return JSON.stringify({ ...sampleRequest, prefix: `${sampleRequest.prefix}// ${mark}\nlet x = ` });
}

function headersOf({ form }: AbortCase) {
  const accept = form === 'stream' ? 'text/event-stream' : 'application/json';
  return { 'content-type': 'application/json', accept };
}

function overHttp1(agent: http.Agent, url: string, abortCase: AbortCase, mark: string): Ask {
  const request = http.request(new URL(COMPLETIONS_PATH, url), {
    agent,
    method: 'POST',
    headers: headersOf(abortCase),
  });
  request.on('error', () => {});
  request.end(bodyOf(mark));
  const firstBytes = once(request, 'response').then(([response]: http.IncomingMessage[]) => once(response!, 'data'));
  firstBytes.catch(() => {});
  return { firstBytes, leave: () => request.destroy() };
}

function overHttp2(session: http2.ClientHttp2Session, abortCase: AbortCase, mark: string): Ask {
  const stream = session.request({ ':method': 'POST', ':path': COMPLETIONS_PATH, ...headersOf(abortCase) });
  stream.on('error', () => {});
  stream.end(bodyOf(mark));
  return { firstBytes: once(stream, 'data'), leave: () => stream.close(http2.constants.NGHTTP2_CANCEL) };
}
