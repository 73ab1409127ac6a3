import { parentPort, workerData } from 'node:worker_threads';
import { Tiktoken } from 'tiktoken/lite';
import type { TiktokenAnswer, TiktokenEncoding, TiktokenTask } from './tiktoken-counter.ts';

// One text after the other; building the encoder takes a few hundred milliseconds and some 100 MB, once.
const port = parentPort;
if (!port) throw new Error('tiktoken-worker.ts runs as the worker thread of createTiktokenCounter()');
const { encoding } = workerData as { readonly encoding: TiktokenEncoding };
const { default: ranks } = (await import(`tiktoken/encoders/${encoding}.json`, { with: { type: 'json' } })) as {
  readonly default: { bpe_ranks: string; special_tokens: Record<string, number>; pat_str: string };
};
const encoder = new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
port.on('message', ({ id, text }: TiktokenTask) => {
  // No special tokens: what looks like one in a user's text is text.
  port.postMessage({ id, count: encoder.encode(text, [], []).length } satisfies TiktokenAnswer);
});
