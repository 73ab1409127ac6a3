import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the upstream saw it. Times are of `performance.now`. */
export interface UpstreamCall {
  /** Resolves when the whole request is in. */
  readonly asked: Promise<void>;
  /** Resolves when the connection was closed before the answer's end, with the time. */
  readonly cancelled: Promise<number>;
  /** Says a token; the answer is never complete. */
  speak(): void;
}

export interface StallingUpstream {
  readonly url: string;
  /** The call whose prompt contains `mark`, which may come later. */
  call(mark: string): UpstreamCall;
  readonly calls: number;
  readonly cancelled: number;
  /** Answers under way now. */
  readonly open: number;
  close(): Promise<void>;
}

const MARK = /mark_\d+_/;

/** An OpenAI-compatible server that says a token when it is told to, never ends an answer, and knows every call by its mark. */
export async function startStallingUpstream(): Promise<StallingUpstream> {
  const known = new Map<string, ReturnType<typeof newCall>>();
  let calls = 0;
  let cancelled = 0;
  let open = 0;
  const callOf = (mark: string) => {
    const call = known.get(mark) ?? newCall();
    known.set(mark, call);
    return call;
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.once('end', () => {
      const mark = MARK.exec(body)?.[0] ?? '';
      const call = callOf(mark);
      calls += 1;
      open += 1;
      response.once('close', () => {
        open -= 1;
        cancelled += 1;
        known.delete(mark);
        call.cancel.resolve(performance.now());
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      call.response = response;
      call.ask.resolve();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    call: (mark) => callOf(mark).view,
    get calls() {
      return calls;
    },
    get cancelled() {
      return cancelled;
    },
    get open() {
      return open;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function newCall() {
  const ask = Promise.withResolvers<void>();
  const cancel = Promise.withResolvers<number>();
  const call = {
    ask,
    cancel,
    response: undefined as ServerResponse | undefined,
    view: {
      asked: ask.promise,
      cancelled: cancel.promise,
      speak() {
        call.response?.write('data: {"choices":[{"index":0,"text":"const answer"}]}\n\n');
      },
    },
  };
  return call;
}
