/** vLLM's default. */
const BLOCK_TOKENS = 16;

/** The prefix cache of an inference engine as vLLM has it: whole blocks, each known by all tokens up to its end; least recently used go first. */
export interface KvCache {
  /** How many tokens at the start of the prompt need not be computed. The last block always is: its output is wanted. */
  lookUp(prompt: readonly number[]): number;
  /** The first `tokens` of the prompt have been computed. */
  store(prompt: readonly number[], tokens: number): void;
}

/** One developer's share of a GPU that serves a 7B model to some dozens. */
export const DEFAULT_KV_CACHE_TOKENS = 65_536;

export function createKvCache(capacityTokens: number): KvCache {
  const capacity = Math.floor(capacityTokens / BLOCK_TOKENS);
  /** Least recently used first. */
  const blocks = new Set<string>();

  return {
    lookUp(prompt) {
      let cached = 0;
      for (const key of keysOf(prompt, prompt.length - 1)) {
        if (!blocks.has(key)) break;
        cached += BLOCK_TOKENS;
      }
      return cached;
    },
    store(prompt, tokens) {
      // The end of a prompt is of less use to others than its beginning: it is made the older one.
      for (const key of [...keysOf(prompt, tokens)].toReversed()) {
        blocks.delete(key);
        blocks.add(key);
      }
      for (const oldest of blocks) {
        if (blocks.size <= capacity) break;
        blocks.delete(oldest);
      }
    },
  };
}

function* keysOf(prompt: readonly number[], tokens: number): Generator<string> {
  // Two chained hashes of 32 bits: a recording has some hundred thousand blocks.
  let a = 0x811c9dc5;
  let b = 0x2c1b3c6d;
  for (let end = BLOCK_TOKENS; end <= tokens; end += BLOCK_TOKENS) {
    for (let at = end - BLOCK_TOKENS; at < end; at++) {
      const id = prompt[at]!;
      a = Math.imul(a ^ id, 0x01000193);
      b = Math.imul(b ^ id ^ (b >>> 15), 0x85ebca6b);
    }
    yield `${a}.${b}`;
  }
}
