import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import type { EndpointEvent } from '../types.ts';
import { createRepeatedChunk } from './repeated-chunk.ts';

/** The answer is not what OpenAI's protocol allows. The message never quotes the answer, which may quote the prompt. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  /** The HTTP status that an error inside of the stream stands for. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface CompletionReader {
  /** Takes the next bytes, cut anywhere. Throws `WireFault`. */
  feed(chunk: Uint8Array): void;
  /** The connection ended in good order. Throws `WireFault` when the answer did not. */
  end(): void;
  /** The answer is complete: what follows is ignored. */
  readonly done: boolean;
}

export interface ReaderLimits {
  readonly candidates: number;
  readonly maxTokens: number;
  /** Chat completions have a `delta` where completions have a `text`. */
  readonly api?: 'completions' | 'chat';
}

/** One event of a completion has a few hundred characters; with the log probabilities of some servers a few thousand. */
const MAX_EVENT_CHARS = 256 * 1024;
/** The longest tokens of code vocabularies are runs of 128 spaces: more text than this is not `max_tokens`. */
const MAX_CHARS_PER_TOKEN = 128;

/** Reads the server-sent events of a streamed `/v1/completions` or `/v1/chat/completions` answer and emits what they say. */
export function createCompletionReader(
  { candidates, maxTokens, api = 'completions' }: ReaderLimits,
  emit: (event: EndpointEvent) => void,
): CompletionReader {
  const decoder = new StringDecoder('utf8');
  const ended: (boolean | undefined)[] = [];
  let charsLeft = candidates * maxTokens * MAX_CHARS_PER_TOKEN;
  let usage: EndpointEvent | undefined;
  let done = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ data }) => {
      if (done) return;
      if (data === '[DONE]') finish();
      else read(data);
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded')
        throw new WireFault(`sent a line of more than ${MAX_EVENT_CHARS} characters`);
    },
  });

  const repeated = createRepeatedChunk(api === 'chat' ? 'content' : 'text');
  /** The candidate whose text a chunk is that says nothing else. */
  let repeatedIndex = 0;

  function read(data: string) {
    const text = repeated.textOf(data);
    if (text !== undefined) return readText(repeatedIndex, text);
    const chunk = parseObject(data);
    readChunk(chunk);
    const only = onlyText(chunk);
    if (!only) return;
    repeated.note(data, only.text);
    repeatedIndex = only.index;
  }

  /** What a chunk says that has text for one candidate, and neither its end nor anything to count. */
  function onlyText({ choices, usage: told }: Record<string, unknown>): { index: number; text: string } | undefined {
    if (!Array.isArray(choices) || choices.length !== 1 || isRecord(told) || !isRecord(choices[0])) return undefined;
    const { index = 0, finish_reason: reason } = choices[0];
    const text = textIn(choices[0]);
    return typeof text === 'string' && typeof index === 'number' && typeof reason !== 'string'
      ? { index, text }
      : undefined;
  }

  function textIn(choice: Record<string, unknown>): unknown {
    return api === 'chat' ? contentOf(choice['delta']) : choice['text'];
  }

  function readChunk(chunk: Record<string, unknown>) {
    if (chunk['error'] !== undefined && chunk['error'] !== null) throw faultOf(chunk);
    const { choices = [] } = chunk;
    if (!Array.isArray(choices)) throw notAChunk();
    for (const choice of choices) readChoice(choice);
    usage = usageOf(chunk['usage']) ?? usage;
  }

  function readChoice(choice: unknown) {
    if (!isRecord(choice)) throw notAChunk();
    const { index = 0, finish_reason: reason } = choice;
    const text = textIn(choice);
    if (typeof index !== 'number' || (typeof text !== 'string' && typeof reason !== 'string')) throw notAChunk();
    readText(index, typeof text === 'string' ? text : '');
    if (typeof reason === 'string' && isOpen(index)) {
      ended[index] = true;
      emit({ type: 'end', index, reason: NATURAL_ENDS.has(reason) ? 'stop' : 'length' });
    }
  }

  /** A candidate that was asked for and has not ended. */
  function isOpen(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < candidates && !ended[index];
  }

  function readText(index: number, text: string) {
    if (!isOpen(index)) return;
    ended[index] = false;
    if (text === '') return;
    charsLeft -= text.length;
    if (charsLeft < 0) throw new WireFault('sent far more text than max_tokens allows');
    emit({ type: 'text', index, text });
  }

  /** Ends what was begun, and says what it cost. */
  function finish() {
    if (ended.length === 0) throw new WireFault('ended its stream without an answer');
    for (const [index, hasEnded] of ended.entries())
      if (hasEnded === false) emit({ type: 'end', index, reason: 'stop' });
    if (usage) emit(usage);
    done = true;
  }

  return {
    feed(chunk) {
      parser.feed(decoder.write(chunk));
    },
    end() {
      if (done) return;
      if (ended.length === 0 || ended.includes(false))
        throw new WireFault('ended its stream without saying that it was complete');
      finish();
    },
    get done() {
      return done;
    },
  };
}

/** A delta may have a role only, or what the model thinks to itself: nothing to show. Undefined when it is no delta. */
function contentOf(delta: unknown): string | undefined {
  if (!isRecord(delta)) return undefined;
  return typeof delta['content'] === 'string' ? delta['content'] : '';
}

/** OpenAI's name and TGI's. Anything else (`length`, `abort`, `content_filter`, …) cut the answer short. */
const NATURAL_ENDS = new Set(['stop', 'eos_token', 'stop_sequence']);

function parseObject(data: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    // The SyntaxError would quote the data.
    throw notAChunk();
  }
  if (!isRecord(value)) throw notAChunk();
  return value;
}

function notAChunk(): WireFault {
  return new WireFault('sent something that is not a completion chunk');
}

function usageOf(usage: unknown): EndpointEvent | undefined {
  if (!isRecord(usage)) return undefined;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
  if (!isCount(promptTokens) || !isCount(completionTokens)) return undefined;
  return { type: 'usage', promptTokens, completionTokens };
}

function faultOf(chunk: Record<string, unknown>): WireFault {
  const status = isRecord(chunk['error']) ? Number(chunk['error']['code']) : NaN;
  const named = errorName(chunk);
  return new WireFault(
    `reported an error in its stream${named === undefined ? '' : `: ${named}`}`,
    status >= 400 && status < 600 ? status : undefined,
  );
}

/**
 * The kind of error in an OpenAI-style error body, such as `exceed_context_size_error`. Only when it looks like a name: the
 * message beside it may quote the prompt.
 */
export function errorName(body: unknown): string | undefined {
  if (!isRecord(body) || !isRecord(body['error'])) return undefined;
  const { type, code } = body['error'];
  return [type, code].find((name): name is string => typeof name === 'string' && /^[\w.-]{1,64}$/.test(name));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
