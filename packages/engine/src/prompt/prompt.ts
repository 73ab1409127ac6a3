import type { InferencePrompt, RenderedPrompt, Sampling } from '@ghostline/inference';
import type { CompletionRequest, Snippet } from '@ghostline/protocol';
import { containsPlaceholder } from '@ghostline/safety';
import { languageOf, wantsMultiline } from '@ghostline/syntax';
import { neutralise } from '../safety/control-tokens.ts';
import type { SafeRequest } from '../safety/safe-request.ts';
import { fitToBudget, isTight, measure } from '../tokens/token-budget.ts';
import { type Script, countScript, countScriptOn, estimateTokens } from '../tokens/token-estimate.ts';
import type { TokenRatio } from '../tokens/token-ratios.ts';
import type { EngineModel } from '../types.ts';
import { type SavedChars, charsSaved, createContextCompression } from './context-compression.ts';
import { type PromptParts, templateOf } from './fim-template.ts';
import { type KnownText, type KnownTexts, createKnownTexts } from './known-texts.ts';
import { pieceOf, piecesOf } from './prompt-text.ts';

/** A prompt and what the steps after it need to know of it. */
export interface Prompt extends InferencePrompt {
  readonly path: string;
  readonly language: string;
  /** Of its texts those that come again with the next keystroke. */
  readonly known: KnownParts;
  readonly multiline: boolean;
  readonly estimatedTokens: number;
  /** The estimate of its texts before anything learned: what is learned is a ratio to it. */
  readonly baseTokens: number;
  /** Of `estimatedTokens`: what the template says itself, generously. */
  readonly overheadTokens: number;
  /** What was left out of a context that was too long for the model, in characters by reason; undefined when it was not. */
  readonly savedChars: SavedChars | undefined;
  /** The same in tokens, estimated. */
  readonly savedTokens: number;
  /** The same request for a model with another context, and with what has been learned since. */
  again(model: EngineModel): Prompt;
  /** Some of its text is overwritten: an answer may repeat that, and must be watched and not be kept. */
  readonly redacted: boolean;
}

export interface KnownParts {
  /** How the prefix begins; what follows is short. */
  readonly head: KnownText;
  readonly suffix: KnownText;
  readonly snippets: readonly KnownText[];
}

/** Control tokens, the repository's name and the path of the file. */
const TEMPLATE_OVERHEAD_TOKENS = 48;

/**
 * How much an answer may be long, in tokens: a line of code has 10 to 20, so 64 are four of the longest and 256 a block
 * of 15 to 25. Whoever asks by hand waits for more.
 */
const MAX_TOKENS = { automatic: { line: 64, block: 256 }, manual: { line: 128, block: 512 } } as const;

/** Zero gives the likeliest answer every time. Alternatives at zero would be equal; at 0.4 few of them are odd. */
const TEMPERATURE = { single: 0, several: 0.4 } as const;

/** How the answer to `request` is to be sampled, and whether it may be a block. */
export function chooseSampling(request: CompletionRequest): Sampling {
  const { multiline: wanted = 'auto' } = request;
  const multiline =
    wanted === 'auto' ? wantsMultiline(request.prefix, request.suffix, request.language) : wanted === 'always';
  const limits = request.trigger === 'manual' ? MAX_TOKENS.manual : MAX_TOKENS.automatic;
  const candidates = request.max_candidates ?? 1;
  return {
    maxTokens: request.max_tokens ?? (multiline ? limits.block : limits.line),
    candidates,
    temperature: candidates === 1 ? TEMPERATURE.single : TEMPERATURE.several,
    singleLine: !multiline,
  };
}

export interface PromptBuilder {
  /**
   * The prompt for `model`: cut to its context, free of control tokens. Snippets stand in the order of the client,
   * which changes rarely, those of files before those of recent edits and views: so the engine's prefix cache is hit.
   */
  build(
    request: SafeRequest,
    wanted: Sampling,
    model: EngineModel,
    scope: Pick<InferencePrompt, 'affinity' | 'tenant' | 'traceparent' | 'embeddedOnly'>,
  ): Prompt;
}

export interface PromptOptions {
  readonly texts?: KnownTexts;
  /** What has been learned of a model's tokeniser in a language; default nothing. */
  readonly ratioOf?: (model: string, language: string) => TokenRatio;
}

export function createPromptBuilder({ texts = createKnownTexts(), ratioOf }: PromptOptions = {}): PromptBuilder {
  const compression = createContextCompression();

  const builder: PromptBuilder = {
    build(request, wanted, model, scope) {
      const { language } = request;
      const continuation = neutralise(request.continuation);
      // An answer never takes more than a quarter: without its context it would be worth little.
      const maxTokens = Math.max(1, Math.min(wanted.maxTokens, model.contextTokens >> 2));
      const { overheadTokens = TEMPLATE_OVERHEAD_TOKENS } = templateOf(model.template);
      const spoken = maxTokens + estimateTokens(continuation) + overheadTokens;
      const ratio = ratioOf?.(model.name, language);
      const budget = Math.max(0, model.contextTokens - spoken);
      const measures = measure(request, (text) => scriptOf(text, text === request.prefix, texts));
      const compressed = isTight(measures, budget, ratio)
        ? compression.compress(request, measures, language)
        : undefined;
      const fitted = compressed
        ? fitToBudget(compressed.text, compressed.measures, budget, ratio)
        : fitToBudget(request, measures, budget, ratio);
      const settled = texts.settle(fitted.prefix);
      const head = settled.head.changedBy(neutralise);
      const tail = neutralise(settled.tail);
      const isSame = head === settled.head && tail === settled.tail;
      const prefix = isSame ? fitted.prefix : head.text + tail;
      const suffix = texts.of(fitted.suffix).changedBy(neutralise);
      const snippets = fitted.snippets.toSorted(byStability).map(({ path, text }) => ({
        name: safeName(path),
        known: texts.of(text).changedBy(neutralise),
      }));
      const path = safeName(request.path ?? 'untitled');
      const parts = {
        prefix: head.text === '' ? tail : [pieceOf(head), tail],
        suffix: pieceOf(suffix),
        snippets: snippets.map(({ name, known }) => ({ name, text: pieceOf(known) })),
        path,
        language,
        lineComment: languageOf(language).lineComment,
      };
      const known = { head, suffix, snippets: snippets.map(({ known }) => known) };
      return {
        prefix,
        suffix: suffix.text,
        snippets: snippets.map(({ name, known }) => ({ name, text: known.text })),
        known,
        continuation,
        path,
        language,
        multiline: !wanted.singleLine,
        sampling: { ...wanted, maxTokens },
        estimatedTokens: fitted.estimatedTokens + spoken - maxTokens,
        baseTokens: fitted.baseTokens,
        overheadTokens,
        savedChars: compressed?.savedChars,
        savedTokens: compressed
          ? Math.round((charsSaved(compressed.savedChars) / measures.prefix.charsPerToken) * (ratio?.typical ?? 1))
          : 0,
        again: (changed) => builder.build(request, wanted, changed, scope),
        redacted: containsPlaceholder(tail) || [head, suffix, ...known.snippets].some(isRedacted),
        affinity: scope.affinity,
        tenant: scope.tenant,
        traceparent: scope.traceparent,
        embeddedOnly: scope.embeddedOnly,
        render: renderer(parts, continuation),
      };
    },
  };
  return builder;
}

/**
 * Several endpoints of one model may be tried with one prompt: it is rendered once. Without the continuation, which the
 * endpoint puts behind it, as some take it apart from the prompt.
 */
function renderer(parts: PromptParts, continuation: string): (template: string) => RenderedPrompt {
  let last: { readonly template: string; readonly rendered: RenderedPrompt } | undefined;
  return (template) => {
    if (last?.template !== template) {
      const { render, stop, ask } = templateOf(template);
      const chat = ask && ((prefilled: boolean) => ask(parts, continuation, prefilled));
      last = { template, rendered: { pieces: piecesOf(render(parts)), stop, ...(chat && { chat }) } };
    }
    return last.rendered;
  };
}

function byStability(a: Snippet, b: Snippet): number {
  return Number(isVolatile(a)) - Number(isVolatile(b));
}

function isVolatile({ source }: Snippet): boolean {
  return source === 'recent_edit' || source === 'recent_view';
}

function isRedacted(known: KnownText): boolean {
  return known.once(containsPlaceholder);
}

/** Of a prefix what was counted before is counted on. */
function scriptOf(text: string, isPrefix: boolean, texts: KnownTexts): Script {
  if (!isPrefix) return texts.of(text).once(countScript);
  const { head, tail } = texts.settle(text);
  return countScriptOn(head.once(countScript), head.text.length, tail);
}

/** A path is one line of the prompt. */
function safeName(path: string): string {
  return neutralise(path.replace(/[\r\n]+/g, ' '));
}
