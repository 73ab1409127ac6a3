import type { Snippet } from '@ghostline/protocol';
import { type Script, charsPerToken, countScript } from './token-estimate.ts';
import type { TokenRatio } from './token-ratios.ts';

export interface BudgetedText {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly Snippet[];
}

export interface FittedText extends BudgetedText {
  /** Of the texts and what is around snippets, by the estimate alone: what is learned from is measured by it. */
  readonly baseTokens: number;
  /** With what has been learned of the model's tokeniser. */
  readonly estimatedTokens: number;
}

const AS_ESTIMATED: TokenRatio = { typical: 1, safe: 1 };

/** What is well within the budget need not be safe; nearer to it the learned margin decides. */
const NEAR = 0.9;

/** Copilot's shares for 8,000 tokens are 35 prefix, 15 suffix, 50 context; most requests here come with few snippets. */
const SUFFIX_SHARE = 0.15;
const SNIPPETS_SHARE = 0.35;

/** The prefix gets a multiple of this, so that other parts growing by a token do not move its edge. */
const PREFIX_GRAIN_TOKENS = 128;

/** A snippet's path and the control tokens around it. */
const SNIPPET_OVERHEAD_TOKENS = 16;

/** What a text takes by the estimate. */
export interface Measure {
  readonly tokens: number;
  readonly charsPerToken: number;
}

/** The parts of a text, measured once: what is cut of them is taken to be like the whole. */
export interface Measures {
  readonly prefix: Measure;
  readonly suffix: Measure;
  readonly snippets: readonly Measure[];
  /** Tokens of all snippets, with what is around each. */
  readonly snippetsNeed: number;
}

/** `scriptOf` remembers what has been counted before. */
export function measure(
  { prefix, suffix, snippets }: BudgetedText,
  scriptOf: (text: string) => Script = countScript,
): Measures {
  const measureOf = (text: string) => shortenedTo(text.length, { charsPerToken: charsPerToken(scriptOf(text)) });
  return measuresOf(
    measureOf(prefix),
    measureOf(suffix),
    snippets.map(({ text }) => measureOf(text)),
  );
}

export function measuresOf(prefix: Measure, suffix: Measure, snippets: readonly Measure[]): Measures {
  let snippetsNeed = 0;
  for (const { tokens } of snippets) snippetsNeed += tokens + SNIPPET_OVERHEAD_TOKENS;
  return { prefix, suffix, snippets, snippetsNeed };
}

/** The measure of a text of which something was left out. */
export function shortenedTo(chars: number, { charsPerToken }: Pick<Measure, 'charsPerToken'>): Measure {
  return { tokens: Math.ceil(chars / charsPerToken), charsPerToken };
}

/** Whether a budget is too small for all; by coarse steps of the prefix, so that few keystrokes change the answer. */
export function isTight(
  { prefix, suffix, snippetsNeed }: Measures,
  budget: number,
  { typical, safe }: TokenRatio = AS_ESTIMATED,
): boolean {
  const grown = ceilTo(PREFIX_GRAIN_TOKENS, prefix.tokens);
  const need = grown + suffix.tokens + snippetsNeed;
  return need * safe > budget && need * typical > budget * NEAR;
}

/**
 * Cuts the parts of a prompt to a budget of tokens. A part that does not need its share leaves the rest to the others, the prefix
 * first. The prefix is cut on its left in coarse steps at line breaks, so that the engine's prefix cache outlives
 * keystrokes; the suffix on its right; of the snippets the lowest-scored go.
 */
export function fitToBudget(
  text: BudgetedText,
  measures: Measures,
  budget: number,
  { typical, safe }: TokenRatio = AS_ESTIMATED,
): FittedText {
  const { tokens: prefixNeed, charsPerToken: prefixChars } = measures.prefix;
  const { tokens: suffixNeed, charsPerToken: suffixChars } = measures.suffix;
  const { snippetsNeed } = measures;
  const need = prefixNeed + suffixNeed + snippetsNeed;
  const tokens = Math.floor(budget / safe);
  if (need <= tokens || need * typical <= budget * NEAR)
    return { ...text, baseTokens: need, estimatedTokens: Math.ceil(need * typical) };

  const snippetNeeds = measures.snippets.map(needOf);
  // Shared out in coarse steps: a token more of one part must not move where another is cut.
  const grain = Math.max(16, Math.min(PREFIX_GRAIN_TOKENS, tokens >> 4));
  const prefixWish = ceilTo(grain, prefixNeed);
  const suffixWish = ceilTo(grain / 2, suffixNeed);
  const least = tokens * (1 - SUFFIX_SHARE - SNIPPETS_SHARE);
  const suffixGuaranteed = Math.min(suffixWish, tokens * SUFFIX_SHARE);
  const snippetsGuaranteed = Math.min(snippetsNeed, tokens * SNIPPETS_SHARE);
  const prefixTokens = Math.min(prefixWish, Math.max(least, tokens - suffixGuaranteed - snippetsGuaranteed));
  const suffixTokens = Math.min(suffixWish, Math.max(suffixGuaranteed, tokens - prefixTokens - snippetsGuaranteed));
  const snippetsTokens = tokens - prefixTokens - suffixTokens;

  const prefix = prefixTokens < prefixNeed ? cutLeft(text.prefix, prefixChars, prefixTokens) : text.prefix;
  const suffix = suffixTokens < suffixNeed ? cutRight(text.suffix, suffixChars, suffixTokens) : text.suffix;
  const kept = bestSnippets(text.snippets, snippetNeeds, snippetsTokens);
  const baseTokens =
    Math.ceil(prefix.length / prefixChars) +
    Math.ceil(suffix.length / suffixChars) +
    sum(kept.map((index) => snippetNeeds[index]!));
  return {
    prefix,
    suffix,
    snippets: kept.map((index) => text.snippets[index]!),
    baseTokens,
    estimatedTokens: Math.ceil(baseTokens * typical),
  };
}

function ceilTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}

/** Of a snippet, with what is around it. */
function needOf({ tokens }: Measure): number {
  return tokens + SNIPPET_OVERHEAD_TOKENS;
}

function cutLeft(text: string, chars: number, tokens: number): string {
  const grains = Math.floor(tokens / PREFIX_GRAIN_TOKENS) * PREFIX_GRAIN_TOKENS;
  const room = Math.floor((grains || tokens) * chars);
  if (room >= text.length) return text;
  // The edge stays where it is for an eighth of the window of typing, and at most as much of it is given up.
  const step = Math.max(1, room >> 3);
  const edge = Math.min(text.length, Math.ceil((text.length - room) / step) * step);
  const lineStart = text.indexOf('\n', edge - 1) + 1;
  if (lineStart > 0 && lineStart - edge < step) return text.slice(lineStart);
  return text.slice(splitsPair(text, edge) ? edge + 1 : edge);
}

function cutRight(text: string, chars: number, tokens: number): string {
  const room = Math.floor(tokens * chars);
  if (room >= text.length) return text;
  const lineEnd = text.lastIndexOf('\n', room - 1) + 1;
  if (lineEnd > room / 2) return text.slice(0, lineEnd);
  return text.slice(0, splitsPair(text, room) ? room - 1 : room);
}

/** Indexes of the snippets that fit, best first served, in their own order. */
function bestSnippets(snippets: readonly Snippet[], needs: readonly number[], tokens: number): number[] {
  let left = tokens;
  return snippets
    .map((_, index) => index)
    .toSorted((a, b) => (snippets[b]!.score ?? 0) - (snippets[a]!.score ?? 0))
    .filter((index) => {
      if (needs[index]! > left) return false;
      left -= needs[index]!;
      return true;
    })
    .toSorted((a, b) => a - b);
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
