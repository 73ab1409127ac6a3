import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** What the server does with a request. Fields combine; without any it answers a complete, empty completion. */
export interface Script {
  /** The tokens of the completion, for the parsed body of the request. */
  readonly tokens?: (body: { prompt: string; [field: string]: unknown }) => readonly string[];
  readonly finishReason?: 'stop' | 'length';
  /** Each token waits for this: drip, or stall until the test lets it go. */
  readonly beforeToken?: (index: number) => Promise<unknown> | undefined;
  /** Never says more after the tokens, and never ends. */
  readonly stallAfterTokens?: boolean;
  /** Destroys the socket after the tokens. */
  readonly breakAfterTokens?: boolean;
  /** Ends the body after the tokens without finish_reason or [DONE], as a crashing backend behind a proxy does. */
  readonly truncate?: boolean;
  /** Never even sends headers. */
  readonly neverAnswer?: boolean;
  /** An answer of another kind: an error status, or something that only claims to be a stream. */
  readonly raw?: {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body: string | readonly (string | Uint8Array)[];
  };
}

export interface ScriptedServer {
  /** Origin, such as `http://127.0.0.1:40123`; the API is under `/v1`. */
  readonly url: string;
  /** The requests so far, of a long run the newest thousand. */
  readonly requests: readonly {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: Record<string, unknown>;
  }[];
  /** How many clients closed their connection before the answer's end. */
  readonly aborts: number;
  /** How many were ever opened. */
  readonly connections: number;
  /** Answers that are under way now. */
  readonly open: number;
  nextRequest(): Promise<void>;
  nextAbort(): Promise<void>;
  /** What later requests get. */
  play(script: Script): void;
  close(): Promise<void>;
}

/** A benchmark sends 30 KB bodies by the ten thousand: all of them would fill its memory and cost it garbage collections. */
const KEPT_REQUESTS = 1_000;

const usage = (body: { prompt?: string }, tokens: number) => ({
  prompt_tokens: Math.ceil((body.prompt ?? JSON.stringify(body)).length / 4),
  completion_tokens: tokens,
});

/**
 * A real HTTP server on loopback, of HTTP/2 in clear text when told so, that speaks OpenAI's streamed `/v1/completions` and
 * `/v1/chat/completions` as the script says.
 */
export async function startScriptedServer(
  first: Script = {},
  { http2 = false }: { readonly http2?: boolean } = {},
): Promise<ScriptedServer> {
  let script = first;
  let aborts = 0;
  let connections = 0;
  let open = 0;
  const requests: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[] = [];
  const waiting: Record<'request' | 'abort', (() => void)[]> = { request: [], abort: [] };
  const tell = (what: keyof typeof waiting) => {
    for (const resolve of waiting[what].splice(0)) resolve();
  };
  const next = (what: keyof typeof waiting) => new Promise<void>((resolve) => waiting[what].push(resolve));

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body = JSON.parse(text || '{}') as { prompt: string };
      const played = script;
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      if (requests.length > KEPT_REQUESTS) requests.shift();
      open += 1;
      response.once('close', () => {
        open -= 1;
        if (response.writableEnded || played.breakAfterTokens) return;
        aborts += 1;
        tell('abort');
      });
      tell('request');
      void answer(response, body, played, request.url?.includes('/chat/') === true);
    });
  };
  // The compatibility layer of HTTP/2 has all that is used here; its types say so in other words.
  const server = http2
    ? createHttp2Server({ streamResetBurst: 1e6, streamResetRate: 1e6 }, listener as never)
    : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get aborts() {
      return aborts;
    },
    get open() {
      return open;
    },
    get connections() {
      return connections;
    },
    nextRequest: () => next('request'),
    nextAbort: () => next('abort'),
    play: (following) => (script = following),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  response: ServerResponse,
  body: { prompt: string },
  script: Script,
  chat: boolean,
): Promise<void> {
  if (script.neverAnswer) return;
  if (script.raw) return sendRaw(response, script.raw);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const said = (text: string) => (chat ? { delta: { content: text } } : { text });
  if (chat)
    response.write(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }));
  const tokens = script.tokens?.(body) ?? [];
  for (const [index, text] of tokens.entries()) {
    if (script.beforeToken) await script.beforeToken(index);
    if (response.closed || response.destroyed) return;
    response.write(chunk({ choices: [{ index: 0, ...said(text), finish_reason: null }] }));
  }
  if (script.stallAfterTokens) return;
  if (script.breakAfterTokens) return void response.write(': bye\n\n', () => response.destroy());
  if (script.truncate) return void response.end();
  response.end(
    `${chunk({ choices: [{ index: 0, ...said(''), finish_reason: script.finishReason ?? 'stop' }] })}${chunk({ choices: [], usage: usage(body, tokens.length) })}data: [DONE]\n\n`,
  );
}

async function sendRaw(
  response: ServerResponse,
  { status = 200, headers = {}, body }: NonNullable<Script['raw']>,
): Promise<void> {
  response.writeHead(status, { 'content-type': 'text/event-stream', ...headers });
  for (const part of typeof body === 'string' ? [body] : body) {
    // Each part in a packet of its own.
    await new Promise((resolve) => response.write(part, resolve));
    await new Promise(setImmediate);
  }
  response.end();
}

function chunk(data: object): string {
  return `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', model: 'scripted', ...data })}\n\n`;
}
