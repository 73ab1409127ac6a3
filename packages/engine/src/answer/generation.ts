import type { Inference, InferenceEvent } from '@ghostline/inference';
import type { EmptyReason, FinishReason, Usage } from '@ghostline/protocol';
import type { Answer, Choice } from '../cache/answer.ts';
import { flatCopy } from '../flat-text.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type { AnswerFilter } from '../safety/answer-filter.ts';
import { estimateTokens } from '../tokens/token-estimate.ts';
import type { CompletionEvent } from '../types.ts';
import { type Candidate, createCandidate } from './candidate.ts';
import type { FlightOutput } from './single-flight.ts';

/** What a flight tells its readers; each makes its own `start` and `done` of it. */
export type FlightEvent =
  | {
      readonly type: 'source';
      readonly model: string;
      readonly endpoint: string;
      readonly region: string;
      readonly cache: 'miss' | 'memory' | 'redis' | 'continuation';
      readonly queueMs: number;
      /** How long the flight waited for the shared cache. */
      readonly cacheMs: number;
      /** Opaque name of the session whose request made the answer. */
      readonly author: string;
    }
  | Extract<CompletionEvent, { type: 'delta' | 'finish' }>
  | {
      readonly type: 'done';
      readonly usage: Usage;
      readonly usageEstimated: boolean;
      readonly reason?: Extract<EmptyReason, 'silent' | 'filtered' | 'excluded' | 'deadline' | 'use_local'>;
    };

/**
 * A token of one model takes up to about 32 characters (runs of spaces). An endpoint that sends more than that for each
 * token it may send does not keep to its limit.
 */
const MAX_CHARS_PER_TOKEN = 32;

export interface Generation {
  readonly inference: Pick<Inference, 'stream'>;
  readonly model: string;
  readonly prompt: Prompt;
  /** A filter for one candidate. */
  readonly newFilter: () => AnswerFilter;
  readonly author: string;
  /** The time of day in Unix milliseconds. */
  readonly date: () => number;
  /** How long the stream may go on after its first token. */
  readonly maxStreamMs: number;
  /** How long the flight waited for the shared cache before. */
  readonly cacheMs: number;
  /** Takes an answer that ended naturally and may be kept. */
  readonly keep: (answer: Answer) => void;
  /** Told once an answer is over how many tokens its prompt had; undefined when the endpoint did not say. */
  readonly counted?: ((promptTokens: number | undefined) => void) | undefined;
}

/**
 * Asks inference and puts what may be shown on `output`: until the model, the block, the limit or the time ends it. When
 * no candidate needs more, the rest is cancelled upstream at once. Ends or fails `output`; never throws.
 */
export async function generate(
  { inference, model, prompt, newFilter, author, date, maxStreamMs, cacheMs, keep, counted }: Generation,
  output: Omit<FlightOutput<FlightEvent>, 'charge'>,
  abort: AbortController,
): Promise<void> {
  const wanted = prompt.sampling.candidates;
  const resumed = prompt.continuation !== '';
  const candidates: Candidate[] = [];
  let source = { endpoint: 'none', region: 'none', queueMs: 0 };
  let sourceSent = false;
  let usage: Extract<InferenceEvent, { type: 'usage' }> | undefined;
  let settled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function sendSource(): void {
    if (sourceSent) return;
    sourceSent = true;
    output.push({ ...source, type: 'source', model, cache: 'miss', cacheMs, author });
  }

  function candidate(index: number): Candidate | undefined {
    if (index < 0 || index >= wanted) return undefined;
    return (candidates[index] ??= createCandidate(prompt, {
      maxChars: prompt.sampling.maxTokens * MAX_CHARS_PER_TOKEN,
      filter: newFilter(),
      emit(text) {
        sendSource();
        output.push({ type: 'delta', index, text });
      },
      finish(reason, spoke) {
        // The text of a resumed stream may be all there was to say: its reader is told why nothing follows.
        if (!spoke && !resumed) return;
        sendSource();
        output.push({ type: 'finish', index, reason });
      },
    }));
  }

  /** Ends the answer; candidates that are still open were cut short by `openEnd`. */
  function settle(openEnd: 'length' | 'time'): void {
    settled = true;
    const all = Object.values(candidates);
    for (const open of all) open.end(openEnd);
    sendSource();
    const answer: Answer = {
      author,
      madeAt: Math.floor(date()),
      model,
      endpoint: source.endpoint,
      region: source.region,
      choices: all.flatMap(toChoice),
      usage: {
        prompt_tokens: usage?.promptTokens ?? prompt.estimatedTokens,
        completion_tokens: usage?.completionTokens ?? sum(all.map(({ text }) => estimateTokens(text()))),
        ...(prompt.savedTokens > 0 && { saved_prompt_tokens: prompt.savedTokens }),
      },
      usageEstimated: usage === undefined,
    };
    const natural = all.length > 0 && all.every(({ outcome }) => isNatural(outcome().reason));
    output.push(doneEvent(answer, all));
    output.end();
    if (natural && !prompt.redacted && !resumed) keep(answer);
    if (usage?.reckoned === undefined && all.length > 0) counted?.(usage?.promptTokens);
  }

  try {
    for await (const event of inference.stream(prompt, model, abort.signal)) {
      if (settled) return;
      switch (event.type) {
        case 'start':
          source = { endpoint: event.endpoint, region: event.region, queueMs: event.queueMs };
          timer = setTimeout(() => {
            settle('time');
            abort.abort(new DOMException(`the stream went on for ${maxStreamMs} ms`, 'TimeoutError'));
          }, maxStreamMs);
          break;
        case 'text':
          candidate(event.index)?.take(event.text);
          break;
        case 'end':
          candidate(event.index)?.end(event.reason);
          break;
        case 'usage':
          usage = event;
      }
      if (isWasted(candidates, wanted)) {
        settle('length');
        return;
      }
    }
    if (!settled) settle('length');
  } catch (error) {
    if (!settled) output.fail(error);
  } finally {
    clearTimeout(timer);
  }
}

/** What is told when nobody was asked. */
export const EXCLUDED = unasked('excluded');
export const TOO_LATE = unasked('deadline');
export const USE_LOCAL = unasked('use_local');

function unasked(reason: 'excluded' | 'deadline' | 'use_local'): readonly FlightEvent[] {
  return [
    {
      type: 'source',
      model: 'none',
      endpoint: 'none',
      region: 'none',
      cache: 'miss',
      queueMs: 0,
      cacheMs: 0,
      author: '',
    },
    { type: 'done', usage: { prompt_tokens: 0, completion_tokens: 0 }, usageEstimated: false, reason },
  ];
}

/** What a flight tells of an answer that was there already. */
export function replay(answer: Answer, cache: 'memory' | 'redis' | 'continuation', cacheMs: number): FlightEvent[] {
  const { model, endpoint, region, author } = answer;
  return [
    { type: 'source', model, endpoint, region, cache, queueMs: 0, cacheMs, author },
    ...answer.choices.flatMap(({ text, reason }, index): FlightEvent[] => [
      { type: 'delta', index, text },
      { type: 'finish', index, reason },
    ]),
    doneEvent(answer, []),
  ];
}

function doneEvent({ choices, usage, usageEstimated }: Answer, candidates: readonly Candidate[]): FlightEvent {
  const spoke = choices.length > 0 || candidates.some(({ outcome }) => outcome().shown !== '');
  const filtered = candidates.some(({ outcome }) => outcome().reason === 'filtered');
  return { type: 'done', usage, usageEstimated, ...(!spoke && { reason: filtered ? 'filtered' : 'silent' }) };
}

/** True when nothing more is wanted of any candidate, but one still goes on upstream, and costs, until it is told. */
function isWasted(candidates: readonly Candidate[], wanted: number): boolean {
  const all = Object.values(candidates);
  const ended = all.length === wanted && all.every(({ outcome }) => outcome().reason !== undefined);
  return ended && !all.every(({ endedUpstream }) => endedUpstream());
}

function toChoice({ outcome }: Candidate): Choice[] {
  const { shown, reason } = outcome();
  // The end of the first line is said as soon as it is there; at the end of all it says nothing.
  return shown !== '' && isNatural(reason) ? [{ text: flatCopy(withoutLineEnd(shown)), reason }] : [];
}

function withoutLineEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function isNatural(reason: FinishReason | undefined): reason is Choice['reason'] {
  return reason === 'stop' || reason === 'block_end';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
