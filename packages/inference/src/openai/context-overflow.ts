/** What a server said of a prompt that is longer than it reads; a count is absent when it said none. */
export interface ContextOverflow {
  readonly promptTokens?: number;
  /** What prompt and answer may have together. */
  readonly contextTokens?: number;
}

/**
 * How servers say it: OpenAI and vLLM (“This model's maximum context length is 4096 tokens. However, you requested …”, “…
 * your prompt contains at least 5000 input tokens”), llama.cpp (`exceed_context_size_error`), TGI (“`inputs` tokens +
 * `max_new_tokens` must be <= 4096. Given: 5000 …”), Mistral (“Prompt contains 40000 tokens … 32768 maximum context
 * length”), SGLang (“The input (5000 tokens) is longer than the model's context length (4096 tokens)”).
 */
const SAID =
  /context_length_exceeded|exceed_context_size_error|(?:maximum|available|model'?s|model’s) context (?:length|size|window)|maximum model length|max_new_tokens` must be <=/i;

const LIMIT = [
  /maximum context length (?:is|of) (\d+)/i,
  /(?:context (?:length|size|window)|model length)(?: of)? \((\d+)/i,
  /must be <= (\d+)/,
  /(\d+) maximum context length/i,
];
const LENGTH = [
  /\((\d+) in the (?:messages|prompt)/i,
  /messages resulted in (\d+) tokens/i,
  /(?:prompt|input) (?:contains|has|of) (?:at least )?(\d+)/i,
  /(?:request|input|prompt)[^()]{0,40}\((\d+) tokens\)/i,
  /Given: (\d+) `inputs`/,
];

/** Undefined when the refusal is about something else. Takes numbers out of the message, never text. */
export function contextOverflowOf(status: number, body: unknown): ContextOverflow | undefined {
  if (status !== 400 && status !== 413 && status !== 422) return undefined;
  const { text, fields } = flattened(body);
  if (!SAID.test(text)) return undefined;
  const promptTokens = count(fields['n_prompt_tokens']) ?? firstNumber(LENGTH, text);
  const contextTokens = count(fields['n_ctx']) ?? firstNumber(LIMIT, text);
  return { ...(promptTokens && { promptTokens }), ...(contextTokens && { contextTokens }) };
}

/** The error's own words and fields, wherever the server puts them. */
function flattened(body: unknown): { text: string; fields: Record<string, unknown> } {
  if (typeof body !== 'object' || body === null) return { text: '', fields: {} };
  const outer = body as Record<string, unknown>;
  const { error } = outer;
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : outer;
  const words = [error, fields['type'], fields['code'], fields['message'], fields['detail'], outer['message']];
  return { text: words.filter((word) => typeof word === 'string').join('\n'), fields };
}

function firstNumber(patterns: readonly RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const found = count(Number(pattern.exec(text)?.[1]));
    if (found !== undefined) return found;
  }
  return undefined;
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}
