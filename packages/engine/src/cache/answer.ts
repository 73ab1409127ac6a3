import type { FinishReason, Usage } from '@ghostline/protocol';
import { heapBytesOf } from '../flat-text.ts';

/** A finished completion, as caches keep it. No choices: the model had nothing to say. */
export interface Answer {
  /** Opaque name of the user's session that it was made for. */
  readonly author: string;
  /** When it was made, in Unix milliseconds: it ages wherever it is kept. */
  readonly madeAt: number;
  readonly model: string;
  readonly endpoint: string;
  readonly region: string;
  readonly choices: readonly Choice[];
  readonly usage: Usage;
  readonly usageEstimated: boolean;
}

export interface Choice {
  readonly text: string;
  readonly reason: NaturalEnd;
}

/** Ends that the model or the block chose. The others cut a text short, and what is cut short is not kept. */
export type NaturalEnd = Extract<FinishReason, 'stop' | 'block_end'>;

/** Raised when the form changes: gateways of two versions share a cache while one is rolled out. */
const FORM = 2;

export function encodeAnswer(answer: Answer): string {
  const { author, madeAt, model, endpoint, region, choices, usage, usageEstimated } = answer;
  return JSON.stringify([
    FORM,
    author,
    madeAt,
    model,
    endpoint,
    region,
    choices.map(({ text, reason }) => [text, reason]),
    [usage.prompt_tokens, usage.completion_tokens, usageEstimated],
  ]);
}

/** Undefined for whatever `encodeAnswer` did not write: a shared cache holds what others put there. */
export function decodeAnswer(value: string): Answer | undefined {
  let form: unknown;
  try {
    form = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!Array.isArray(form) || form[0] !== FORM) return undefined;
  const [, author, madeAt, model, endpoint, region, choices, usage]: unknown[] = form;
  if (typeof author !== 'string' || !isCount(madeAt)) return undefined;
  if (typeof model !== 'string' || typeof endpoint !== 'string' || typeof region !== 'string') return undefined;
  if (!Array.isArray(choices) || !choices.every(isChoice) || !Array.isArray(usage)) return undefined;
  const [promptTokens, completionTokens, usageEstimated]: unknown[] = usage;
  if (!isCount(promptTokens) || !isCount(completionTokens) || typeof usageEstimated !== 'boolean') return undefined;
  return {
    author,
    madeAt,
    model,
    endpoint,
    region,
    choices: choices.map(([text, reason]) => ({ text, reason })),
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens },
    usageEstimated,
  };
}

/** Bytes of heap that the texts of an answer take. */
export function textBytesOf({ choices }: Answer): number {
  return choices.reduce((bytes, { text }) => bytes + heapBytesOf(text), 0);
}

function isChoice(value: unknown): value is [string, NaturalEnd] {
  return Array.isArray(value) && typeof value[0] === 'string' && (value[1] === 'stop' || value[1] === 'block_end');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
