import {
  type CompletionRequest,
  type ProblemName,
  type RegionsResponse,
  type StreamEvent,
  problem,
} from '@ghostline/protocol';
import type { ManualClock } from '../../testing/manual-clock.ts';
import { pause } from '../../timer.ts';
import { TransportError } from '../../transport/error.ts';
import { broken, problemError, unreachable } from '../../transport/failures.ts';
import type { HttpTransport } from '../../transport/http.ts';

/** One server without a socket: what it does is said in steps, each of which takes its time. */
export interface ScriptedRegion {
  readonly url: string;
  readonly requests: readonly CompletionRequest[];
  /** What else it was asked: `regions`, `probe`, `telemetry`. */
  readonly asked: readonly string[];
  /** Completions that were left before they were over. */
  readonly left: number;
  networkMs: number;
  modelMs: number;
  /** What it does from now on. */
  does: Behaviour;
  list: RegionsResponse['regions'];
}

export type Behaviour =
  /** Says the text, or what of it follows the text to resume, in pieces of two characters, 10 ms apart. */
  | { readonly kind: 'answers'; readonly text: string }
  /** As `answers`, but breaks off before the character at `at`, counted from the beginning of the text. */
  | { readonly kind: 'breaks'; readonly text: string; readonly at: number }
  | { readonly kind: 'finishes-only'; readonly text: string }
  | { readonly kind: 'refuses' }
  /** The connection that was kept open is gone. */
  | { readonly kind: 'resets' }
  | { readonly kind: 'hangs' }
  | { readonly kind: 'proxy'; readonly status: number }
  | { readonly kind: 'problem'; readonly name: ProblemName; readonly retryAfterMs?: number };

/** Servers by URL, on one clock. */
export function createScriptedRegions({ setTimer }: Pick<ManualClock, 'setTimer'>) {
  const transports = new Map<string, HttpTransport>();

  function region(url: string, does: Behaviour): ScriptedRegion {
    const requests: CompletionRequest[] = [];
    const asked: string[] = [];
    const here = {
      url,
      requests,
      asked,
      left: 0,
      networkMs: 10,
      modelMs: 100,
      does,
      list: [] as RegionsResponse['regions'],
    };
    const address = { url, setting: 'test' };

    async function reach(signal: AbortSignal): Promise<void> {
      const { does: now } = here;
      switch (now.kind) {
        case 'refuses':
          throw unreachable(address, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
        case 'resets':
          throw unreachable(address, Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
        case 'hangs':
          return pause(10_000, setTimer, signal).then(() => {
            throw new TransportError({ reason: 'unreachable', detail: `${url} said nothing`, retryable: true });
          });
        case 'proxy':
          throw new TransportError(
            { reason: 'unreachable', detail: `A proxy answers ${now.status}`, retryable: true },
            { status: now.status },
          );
        default:
          await pause(here.networkMs, setTimer, signal);
      }
    }

    const transport: HttpTransport = {
      policy: async () => ({ excluded_paths: [] }),
      async *complete(request, signal): AsyncGenerator<StreamEvent, void, undefined> {
        signal.throwIfAborted();
        requests.push(request);
        const { does: now, modelMs } = here;
        const id = `cmp_${new URL(url).port.padStart(6, '0')}${String(requests.length).padStart(4, '0')}`;
        let over = false;
        try {
          await reach(signal);
          if (now.kind === 'problem') {
            const extra = now.retryAfterMs === undefined ? {} : { retry_after_ms: now.retryAfterMs };
            throw problemError(problem(now.name, now.name, extra));
          }
          if (!('text' in now)) return;
          await pause(modelMs, setTimer, signal);
          yield {
            event: 'start',
            data: { completion_id: id, model: 'scripted', region: 'r', endpoint: 'e', cache: 'miss' },
          };
          let at = request.resume?.text.length ?? 0;
          let total = modelMs;
          for (; at < now.text.length; at += 2) {
            if (now.kind === 'breaks' && at >= now.at) throw broken(address, 'broke off');
            yield { event: 'delta', data: { index: 0, text: now.text.slice(at, at + 2) } };
            await pause(10, setTimer, signal);
            total += 10;
          }
          yield { event: 'finish', data: { index: 0, reason: 'stop' } };
          if (now.kind === 'finishes-only') throw broken(address, 'broke off');
          over = true;
          const rest = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0 };
          yield {
            event: 'done',
            data: {
              usage: { prompt_tokens: 1, completion_tokens: 1 },
              timings: { ...rest, first_token_ms: modelMs, total_ms: total },
            },
          };
        } catch (error) {
          over = !signal.aborted;
          throw error;
        } finally {
          if (!over) here.left += 1;
        }
      },
      async sendTelemetry(events, signal) {
        asked.push('telemetry');
        await reach(signal);
        return { accepted: events.length, duplicates: 0, rejected: [] };
      },
      async check(signal) {
        await transport.regions(signal);
      },
      async regions(signal) {
        asked.push('regions');
        await reach(signal);
        return here.list;
      },
      async probe(signal) {
        asked.push('probe');
        await reach(signal);
        return here.networkMs;
      },
    };
    transports.set(url, transport);
    return here;
  }

  return {
    region,
    transportTo(url: string): HttpTransport {
      const found = transports.get(url);
      if (!found) throw new Error(`nothing is scripted for ${url}`);
      return found;
    },
  };
}
