/** A Ghostline server that says what a test tells it to, over real sockets, and remembers what it was told. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  COMPLETIONS_PATH,
  type CompletionRequest,
  EVENT_STREAM_HEADERS,
  type EmptyReason,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  type StreamEvent,
  TELEMETRY_PATH,
  type TelemetryEvent,
  encodeStreamEvent,
  parseCompletionRequest,
  parseTelemetryBatch,
  problem,
} from '@ghostline/protocol';

export type Answer = (
  | { readonly kind: 'text'; readonly chunks: readonly string[] }
  /** Sends these and then says nothing more until the client leaves. */
  | { readonly kind: 'stalled'; readonly chunks: readonly string[] }
  | { readonly kind: 'empty'; readonly reason: EmptyReason }
) & {
  /** How long the model takes before its first word, in ms; by default it answers at once. */
  readonly afterMs?: number;
};

export interface Script {
  readonly complete?: (request: CompletionRequest) => Answer;
  /** When set, requests without this bearer token are refused. */
  readonly token?: string;
  /** Whether events can be acknowledged; default: true. */
  readonly takesEvents?: boolean;
}

export interface AskedCompletion {
  readonly request: CompletionRequest;
  readonly completionId: string;
  /** `aborted`: the client closed the connection before the answer was complete. */
  readonly state: 'answering' | 'answered' | 'aborted';
}

export interface ScriptedServer {
  readonly url: string;
  /** Completion requests that were answered or are being answered, in order. */
  readonly asked: readonly AskedCompletion[];
  /** Events acknowledged, in order of arrival. */
  readonly events: readonly TelemetryEvent[];
  /** How many batches of events came, acknowledged or not. */
  readonly batches: number;
  /** Every body received, as it came. */
  readonly bodies: readonly string[];
  /** From now on; what was asked and sent before is forgotten. */
  follow(script: Script): void;
  /** Closes every connection; the port refuses from then on. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
}

/** A model that knows one line: says the rest of it where the cursor's line begins it, in two chunks. */
export function knows(line: string): (request: CompletionRequest) => Answer {
  return ({ prefix }) => {
    const rest = restOf(line, prefix);
    if (!rest) return { kind: 'empty', reason: 'silent' };
    const half = Math.ceil(rest.length / 2);
    return { kind: 'text', chunks: [rest.slice(0, half), rest.slice(half)] };
  };
}

/** What `line` goes on with after what is typed of it, but for indentation; undefined for another line or none yet. */
function restOf(line: string, prefix: string): string | undefined {
  const typed = prefix.slice(prefix.lastIndexOf('\n') + 1).trimStart();
  return typed !== '' && line.startsWith(typed) ? line.slice(typed.length) : undefined;
}

export async function startScriptedServer(script: Script = {}, port = 0): Promise<ScriptedServer> {
  let current = script;
  let seen = nothing();
  let completions = 0;
  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const body = await read(request);
    seen.bodies.push(body);
    if (current.token !== undefined && request.headers.authorization !== `Bearer ${current.token}`) {
      refuse(response, problem('unauthenticated', 'This server needs an access token. Set the token of your account.'));
    } else if (request.url === COMPLETIONS_PATH) complete(body, response);
    else if (request.url === TELEMETRY_PATH) recordTelemetry(body, response);
    else refuse(response, problem('not-found', `There is no ${request.url}`));
  }

  function complete(body: string, response: ServerResponse) {
    const parsed = parseCompletionRequest(JSON.parse(body));
    if (!parsed.ok) return refuse(response, parsed.problem);
    completions += 1;
    const completionId = `cmp_scripted${String(completions).padStart(4, '0')}`;
    const asked: { -readonly [K in keyof AskedCompletion]: AskedCompletion[K] } = {
      request: parsed.value,
      completionId,
      state: 'answering',
    };
    seen.asked.push(asked);
    response.once('close', () => (asked.state = response.writableFinished ? 'answered' : 'aborted'));
    const answer = current.complete?.(parsed.value) ?? { kind: 'empty', reason: 'silent' };
    if (answer.afterMs === undefined) return say(answer, completionId, response);
    const thinking = setTimeout(() => say(answer, completionId, response), answer.afterMs);
    response.once('close', () => clearTimeout(thinking));
  }

  function say(answer: Answer, completionId: string, response: ServerResponse) {
    response.writeHead(200, EVENT_STREAM_HEADERS);
    for (const event of eventsOf(answer, completionId)) response.write(encodeStreamEvent(event));
    if (answer.kind !== 'stalled') response.end();
  }

  function recordTelemetry(body: string, response: ServerResponse) {
    seen.batches += 1;
    if (current.takesEvents === false) {
      return refuse(response, problem('event-log-unavailable', 'The disk is full', { retry_after_ms: 60_000 }));
    }
    const parsed = parseTelemetryBatch(JSON.parse(body), Date.now());
    if (!parsed.ok) return refuse(response, parsed.problem);
    const known = new Set(seen.events.map((event) => event.event_id));
    const fresh = parsed.events.map(({ event }) => event).filter((event) => !known.has(event.event_id));
    seen.events.push(...fresh);
    response.writeHead(202, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        accepted: fresh.length,
        duplicates: parsed.events.length - fresh.length,
        rejected: parsed.rejected,
      }),
    );
  }

  await listen(server, port);
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}`,
    get asked() {
      return seen.asked;
    },
    get events() {
      return seen.events;
    },
    get batches() {
      return seen.batches;
    },
    get bodies() {
      return seen.bodies;
    },
    follow(next) {
      current = next;
      seen = nothing();
    },
    start: () => listen(server, listening),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nothing() {
  const asked: AskedCompletion[] = [];
  const events: TelemetryEvent[] = [];
  const bodies: string[] = [];
  return { asked, events, bodies, batches: 0 };
}

function eventsOf(answer: Answer, completionId: string): StreamEvent[] {
  const start: StreamEvent = {
    event: 'start',
    data: { completion_id: completionId, model: 'scripted', region: 'here', endpoint: 'script', cache: 'miss' },
  };
  const usage = { prompt_tokens: 1, completion_tokens: 1 };
  const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
  if (answer.kind === 'empty') return [start, { event: 'done', data: { usage, timings, reason: answer.reason } }];
  const deltas = answer.chunks.map((text): StreamEvent => ({ event: 'delta', data: { index: 0, text } }));
  if (answer.kind === 'stalled') return [start, ...deltas];
  const finish: StreamEvent = { event: 'finish', data: { index: 0, reason: 'stop' } };
  return [start, ...deltas, finish, { event: 'done', data: { usage, timings } }];
}

function refuse(response: ServerResponse, document: Problem) {
  response.writeHead(document.status, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
