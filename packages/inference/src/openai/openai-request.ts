import { jsonBytes, jsonBytesWith } from '../json-bytes.ts';
import { PromptPiece } from '../prompt-piece.ts';
import type { ChatPrompt, InferencePrompt } from '../types.ts';

/** How a server is told to go on with the assistant's message: by a message at the end alone, or in vLLM's words. */
export type Prefill = 'trailing' | 'vllm';

export interface RequestOptions {
  readonly template: string;
  readonly model: string;
  readonly prefill?: Prefill | undefined;
  /** Whether the server knows vLLM's `cache_salt`; others refuse what they do not know. */
  readonly cacheSalt?: boolean | undefined;
}

export interface OpenAiRequest {
  /** Below the base URL. */
  readonly path: '/completions' | '/chat/completions';
  readonly body: Buffer;
  /** Tokens that the answer may have. */
  readonly maxTokens: number;
  readonly chat: ChatPrompt | undefined;
}

/** Many OpenAI-compatible servers refuse a request with more. */
const MAX_STOPS = 4;
/** A fence and its language, which chat models put around code however they are asked. */
const FENCE_TOKENS = 16;
const VLLM_PREFILL = { continue_final_message: true, add_generation_prompt: false };

/** What is sent for `prompt`: its text in the template, or its messages when the template has some. */
export function openAiRequest(prompt: InferencePrompt, options: RequestOptions): OpenAiRequest {
  const rendered = prompt.render(options.template);
  const { candidates, temperature, singleLine } = prompt.sampling;
  const common = {
    temperature,
    ...(candidates > 1 && { n: candidates }),
    // A timing side channel: without it, whoever shares an engine can ask whether others have sent a text (CVE-2025-46570).
    ...(options.cacheSalt && { cache_salt: prompt.tenant }),
    stream: true,
    stream_options: { include_usage: true },
  };
  if (rendered.chat) {
    const chat = rendered.chat(options.prefill !== undefined);
    const maxTokens = prompt.sampling.maxTokens + FENCE_TOKENS;
    // No stops: the first line may be a fence, and where the code ends is seen while it comes.
    const body = {
      model: options.model,
      messages: chat.messages,
      max_tokens: maxTokens,
      ...common,
      ...(options.prefill === 'vllm' && VLLM_PREFILL),
    };
    return { path: '/chat/completions', body: jsonBytes(body), maxTokens, chat };
  }
  const { continuation } = prompt;
  // The line break first: it ends most answers. Behind a continuation it may come right away.
  const stops = singleLine && continuation === '' ? ['\n', ...rendered.stop] : rendered.stop;
  const pieces = continuation === '' ? rendered.pieces : [...rendered.pieces, new PromptPiece(continuation)];
  const about = {
    model: options.model,
    max_tokens: prompt.sampling.maxTokens,
    ...common,
    ...(stops.length > 0 && { stop: stops.slice(0, MAX_STOPS) }),
  };
  const body = jsonBytesWith(
    'prompt',
    pieces.map(({ json }) => json),
    about,
  );
  return { path: '/completions', body, maxTokens: prompt.sampling.maxTokens, chat: undefined };
}
