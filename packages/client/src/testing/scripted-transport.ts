import type {
  CompletionRequest,
  EmptyReason,
  FinishReason,
  StreamEvent,
  TelemetryEvent,
  TelemetryReceipt,
} from '@ghostline/protocol';
import type { TransportError } from '../transport/error.ts';
import type { Transport } from '../types.ts';

/** One request that arrived, and the hands on its stream. Events go out in the order of the calls. */
export interface ScriptedCall {
  readonly request: CompletionRequest;
  /** True once the client has closed the connection before the end. */
  readonly aborted: boolean;
  /** Sends a piece of a choice, after a `start` if it is the first. */
  text(text: string, index?: number): void;
  finish(reason?: FinishReason, index?: number): void;
  done(reason?: EmptyReason): void;
  /** All of it: the text, its natural end, `done`. */
  answer(text: string): void;
  fail(error: TransportError): void;
}

export interface ScriptedTransport extends Transport {
  /** Every request so far. */
  readonly calls: readonly ScriptedCall[];
  /** Waits for the next request that was not yet waited for. */
  nextCall(): Promise<ScriptedCall>;
  /** Every telemetry event that was received, in order, copies included. */
  readonly events: readonly TelemetryEvent[];
  /** Decides about the next telemetry batches; by default all events are accepted. */
  receive: (events: readonly TelemetryEvent[]) => TelemetryReceipt | Promise<TelemetryReceipt>;
  /** How often it was looked for. */
  readonly checks: number;
  /** What a look meets from now on; nothing by default. */
  checkFailure: TransportError | undefined;
}

export interface ScriptedTransportOptions {
  /** Answers at once; without it every call waits for its script. Several texts are several choices. */
  readonly answer?: (request: CompletionRequest) => string | readonly string[];
}

/** A server without a server: streams are gated by the test, aborts reject with the signal's reason. */
export function createScriptedTransport({ answer }: ScriptedTransportOptions = {}): ScriptedTransport {
  const calls: ScriptedCall[] = [];
  const waiting: ((call: ScriptedCall) => void)[] = [];
  const events: TelemetryEvent[] = [];
  let taken = 0;
  let checks = 0;

  const transport: ScriptedTransport = {
    calls,
    events,
    receive: (batch) => ({ accepted: batch.length, duplicates: 0, rejected: [] }),
    get checks() {
      return checks;
    },
    checkFailure: undefined,
    async check(signal) {
      signal.throwIfAborted();
      checks += 1;
      if (transport.checkFailure) throw transport.checkFailure;
    },
    nextCall() {
      const call = calls[taken++];
      if (call) return Promise.resolve(call);
      return new Promise((resolve) => waiting.push(resolve));
    },
    async *complete(request, signal) {
      signal.throwIfAborted();
      const stream = openStream(request, `cmp_scripted${String(calls.length).padStart(4, '0')}`, signal);
      calls.push(stream.call);
      waiting.shift()?.(stream.call);
      if (answer) answerAtOnce(stream.call, answer(request));
      yield* stream.events();
    },
    async sendTelemetry(batch, signal) {
      signal.throwIfAborted();
      events.push(...batch);
      return transport.receive(batch);
    },
  };
  return transport;
}

function answerAtOnce(call: ScriptedCall, answer: string | readonly string[]): void {
  for (const [index, text] of (typeof answer === 'string' ? [answer] : answer).entries()) {
    call.text(text, index);
    call.finish('stop', index);
  }
  call.done();
}

function openStream(request: CompletionRequest, completionId: string, signal: AbortSignal) {
  const queue: (StreamEvent | TransportError)[] = [];
  let started = false;
  let ended = false;
  let aborted = false;
  let wake: (() => void) | undefined;
  signal.addEventListener('abort', () => {
    aborted = !ended;
    wake?.();
  });

  function push(item: StreamEvent | TransportError): void {
    queue.push(item);
    wake?.();
  }
  function start(): void {
    if (started) return;
    started = true;
    push({
      event: 'start',
      data: { completion_id: completionId, model: 'scripted', region: 'test', endpoint: 'script', cache: 'miss' },
    });
  }
  const call: ScriptedCall = {
    request,
    get aborted() {
      return aborted;
    },
    text(text, index = 0) {
      start();
      push({ event: 'delta', data: { index, text } });
    },
    finish(reason = 'stop', index = 0) {
      start();
      push({ event: 'finish', data: { index, reason } });
    },
    done(reason) {
      start();
      const usage = { prompt_tokens: 0, completion_tokens: 0 };
      const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
      push({ event: 'done', data: reason ? { usage, timings, reason } : { usage, timings } });
    },
    answer(text) {
      call.text(text);
      call.finish();
      call.done();
    },
    fail: push,
  };

  async function* events(): AsyncGenerator<StreamEvent, void, undefined> {
    try {
      for (;;) {
        signal.throwIfAborted();
        const item = queue.shift();
        if (item === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
        } else if (item instanceof Error) {
          ended = true;
          throw item;
        } else {
          if (item.event === 'done') ended = true;
          yield item;
          if (item.event === 'done') return;
        }
      }
    } finally {
      aborted ||= !ended;
    }
  }
  return { call, events };
}
