import { type AddressRules, guardedLookup } from '@ghostline/outgoing';
import { Agent, request } from 'undici';
import { jsonBytes } from '../json-bytes.ts';
import type { TokenCounter } from '../types.ts';

export interface EndpointTokenizerOptions extends AddressRules {
  readonly name: string;
  /** The endpoint's base URL; `/tokenize` is asked at the server's root, above `/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Nobody waits for it; but it must not pile up. Default 2000. */
  readonly timeoutMs?: number | undefined;
  /** At a time; more are refused. Default 2: counting takes an engine's CPU, and the GPU waits for that. */
  readonly maxConcurrent?: number | undefined;
}

/** The longest prompt has a hundred thousand tokens, each up to ten characters in JSON. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * The tokeniser of a server that has `POST /tokenize`: vLLM (`{ prompt }` → `{ count }`) or llama.cpp (`{ content }` →
 * `{ tokens }`). Each ignores the other's fields.
 */
export function createEndpointTokenizer(options: EndpointTokenizerOptions): TokenCounter {
  const { name, model, apiKey, timeoutMs = 2_000, maxConcurrent = 2 } = options;
  const base = new URL(options.url);
  const url = `${base.origin}${base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/tokenize`;
  const agent = new Agent({
    connect: { timeout: timeoutMs, lookup: guardedLookup(options) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const headers = {
    'content-type': 'application/json',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
  let counting = 0;
  let closed = false;

  function failed(what: string): Error {
    return new Error(`the tokeniser of endpoint ${name} (${url}) ${what}`);
  }

  async function ask(text: string, signal: AbortSignal): Promise<number> {
    const body = jsonBytes({ model, prompt: text, content: text, add_special_tokens: false, add_special: false });
    const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: agent });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw failed(`answered ${answer.statusCode}; only vLLM and llama.cpp have one`);
    }
    const length = Number(answer.headers['content-length'] ?? 0);
    if (length > MAX_ANSWER_BYTES) {
      answer.body.destroy();
      throw failed('sent an answer that is too long');
    }
    const counted = countOf(await answer.body.json());
    if (counted === undefined) throw failed('sent no count');
    return counted;
  }

  return {
    async count(text, signal) {
      signal.throwIfAborted();
      if (closed) throw failed('is closed');
      if (text === '') return 0;
      if (counting >= maxConcurrent) throw failed('is busy');
      counting += 1;
      try {
        return await ask(text, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        // It would quote the answer, which may quote the text.
        if (error instanceof SyntaxError) throw failed('sent something that is not JSON');
        const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
        throw code === undefined ? error : failed(`could not be asked (${code})`);
      } finally {
        counting -= 1;
      }
    },
    async close() {
      closed = true;
      await agent.destroy();
    },
  };
}

function countOf(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { count, tokens } = answer as { count?: unknown; tokens?: unknown };
  if (Number.isSafeInteger(count) && Number(count) >= 0) return Number(count);
  return Array.isArray(tokens) ? tokens.length : undefined;
}
