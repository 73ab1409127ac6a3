import { workerData } from 'node:worker_threads';
import { Tiktoken } from 'tiktoken/lite';
import { answerTasks } from '../threads/answer-tasks.ts';
import type { TiktokenEncoding } from './tiktoken-counter.ts';

// The thread of createTiktokenCounter(). Building the encoder takes a few hundred milliseconds and some 100 MB, once.
const { encoding } = workerData as { readonly encoding: TiktokenEncoding };
const { default: ranks } = (await import(`tiktoken/encoders/${encoding}.json`, { with: { type: 'json' } })) as {
  readonly default: { bpe_ranks: string; special_tokens: Record<string, number>; pat_str: string };
};
const encoder = new Tiktoken(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
// No special tokens: what looks like one in a user's text is text.
answerTasks((text: string) => encoder.encode(text, [], []).length);
