import type { Suggestion } from '@ghostline/client';
import type { CacheOutcome, FinishReason, StreamEvent, Timings, Usage } from '@ghostline/protocol';

/** What is known of one answered request. Milliseconds of the client count from the start of the command's request. */
export interface TraceSummary {
  readonly completion_id?: string;
  readonly model?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly cache?: CacheOutcome;
  readonly finish?: FinishReason;
  readonly usage?: Usage;
  readonly server_ms?: Timings;
  readonly client_ms: { readonly first_text?: number; readonly total: number };
}

export interface Trace {
  take(event: StreamEvent): void;
  /** True once the server has begun to answer. */
  started(): boolean;
  /** The first choice as it was streamed. */
  text(): string;
  summary(): TraceSummary;
}

export function createTrace(now: () => number = () => performance.now()): Trace {
  const began = now();
  const elapsed = () => Math.round((now() - began) * 10) / 10;
  let summary: Omit<TraceSummary, 'client_ms'> = {};
  let firstText: number | undefined;
  let total: number | undefined;
  let text = '';

  return {
    take(event) {
      if (event.event === 'start') summary = { ...summary, ...event.data };
      if (event.event === 'delta' && event.data.index === 0) {
        firstText ??= elapsed();
        text += event.data.text;
      }
      if (event.event === 'finish' && event.data.index === 0) summary = { ...summary, finish: event.data.reason };
      if (event.event === 'done') {
        total = elapsed();
        summary = { ...summary, usage: event.data.usage, server_ms: event.data.timings };
      }
    },
    started: () => summary.model !== undefined,
    text: () => text,
    summary: () => ({
      ...summary,
      client_ms: { ...(firstText === undefined ? {} : { first_text: firstText }), total: total ?? elapsed() },
    }),
  };
}

/** Lines for people, aligned; unknown parts are left out. */
export function formatTrace(trace: TraceSummary, suggestion: Suggestion | undefined): string {
  const { usage, server_ms: server, client_ms: client } = trace;
  const rows: [string, string | undefined][] = [
    ['completion', trace.completion_id],
    ['model', trace.model],
    ['region', trace.region],
    ['endpoint', trace.endpoint],
    ['cache', trace.cache],
    ['finish', trace.finish],
    ['tokens', usage && `${usage.prompt_tokens} in, ${usage.completion_tokens} out`],
    ['left out', usage?.saved_prompt_tokens === undefined ? undefined : `${usage.saved_prompt_tokens} tokens`],
    ['shown', suggestion && `${suggestion.text.length} characters, replacing ${length(suggestion)}`],
    [
      'server',
      server &&
        `auth ${server.auth_ms}, prompt ${server.prompt_ms}, cache ${server.cache_ms}, queue ${server.queue_ms}, ` +
          `first token ${server.first_token_ms}, total ${server.total_ms} ms`,
    ],
    ['client', `${client.first_text === undefined ? '' : `first text ${client.first_text}, `}total ${client.total} ms`],
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(11)}${value}\n`)
    .join('');
}

function length({ range }: Suggestion): number {
  return range.end - range.start;
}
