import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { Tiktoken } from 'tiktoken/lite';
import type { TiktokenAnswer, TiktokenEncoding, TiktokenTask } from './tiktoken-counter.ts';

// One text after the other; building the encoder takes a few hundred milliseconds and some 100 MB, once.
const port = parentPort;
if (!port) throw new Error('tiktoken-worker.ts runs as the worker thread of createTiktokenCounter()');
const { encoding } = workerData as { readonly encoding: TiktokenEncoding };
const ranks = createRequire(import.meta.url)(`tiktoken/encoders/${encoding}.json`) as {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
};
const encoder = new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
port.on('message', ({ id, text }: TiktokenTask) => {
  // No special tokens: what looks like one in a user's text is text.
  port.postMessage({ id, count: encoder.encode(text, [], []).length } satisfies TiktokenAnswer);
});
