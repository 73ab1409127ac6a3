import type { Inference, TokenCounter } from '@ghostline/inference';
import type { CacheOutcome, CompletionRequest, EmptyReason, FinishReason, Usage } from '@ghostline/protocol';
import type { SavingReason } from './prompt/context-compression.ts';
import type { OnDecision } from './safety/safe-request.ts';
import type { SafetyPolicy } from './safety/safety-rules.ts';

/** For whom a completion is made. Caches never cross `org`; the engine reads nothing else of a principal. */
export interface EngineTenant {
  readonly org: string;
  readonly user: string;
}

export interface EngineModel {
  readonly name: string;
  /** Name of a FIM template, chosen by the operator: never guessed from the model's name. */
  readonly template: string;
  /** Changed by the operator when the weights behind the name change: answers from before are not given any more. */
  readonly revision?: string;
  /** Prompt budget in tokens, snippets and answer included. */
  readonly contextTokens: number;
  /** What a million tokens cost; absent: nothing. */
  readonly price?: { readonly inputPerMillion: number; readonly outputPerMillion: number } | undefined;
  /** Whether it has endpoints that compute in this process and so cost nothing, and no others. Default `none`. */
  readonly embedded?: 'none' | 'some' | 'all';
}

/**
 * What an answer may cost: anything, what the cheapest model costs, or nothing at all, in which case it comes from a cache or
 * from an embedded model, or the client is told to use its own (`use_local`).
 */
export type Spend = 'any' | 'cheapest' | 'nothing';

/**
 * The second cache level, which gateways share. Keeps bytes that it cannot read under names that say nothing, each for
 * `ttlMs` milliseconds at most, the last one that was set. `get` gives undefined for what it does not have, and both reject
 * when it is away; who calls sets the deadline. `testing/shared-cache-contract.ts` is what every implementation passes.
 */
export interface SharedCache {
  get(key: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
}

/** Undefined for a model without one. */
export interface TokenCountersByModel {
  get(model: string): TokenCounter | undefined;
}

export interface EngineOptions {
  readonly inference: Inference;
  /** The first one answers, unless `spend` allows only what costs less. */
  readonly models: readonly [EngineModel, ...EngineModel[]];
  /** Makes cache keys unguessable and shared values unreadable; equal on all gateways that share a cache. At least 32 bytes. */
  readonly cacheSecret: Uint8Array;
  /** Secrets from before the last change: what gateways that still have one have stored can be read. */
  readonly previousCacheSecrets?: readonly Uint8Array[];
  readonly sharedCache?: SharedCache;
  /** By model: asked now and then, off the path of requests, to learn how many tokens a model makes of a text. Not closed here. */
  readonly tokenCounters?: TokenCountersByModel;
  readonly cache?: CacheOptions;
  /** How long a stream may go on after its first token, in milliseconds; then it ends with reason `time`. Default 5000. */
  readonly maxStreamMs?: number;
  /** What is kept from models, and out of answers, besides the built-in rules. */
  readonly safety?: SafetyPolicy;
  /** Called for everything that was excluded, overwritten or filtered; never with text. */
  readonly onDecision?: OnDecision;
  /** A signed id for one completion. */
  readonly newCompletionId: (org: string) => string;
  readonly now?: () => number;
  /** The time of day in Unix milliseconds; by it answers age that other gateways made. */
  readonly date?: () => number;
  readonly random?: () => number;
  /** Called when the shared cache fails, and with a `TimeoutError` when it does not answer in time. */
  readonly onCacheError?: (error: unknown) => void;
}

export interface CacheOptions {
  /** Of heap, for the answers this process keeps. Default 64 MiB. */
  readonly maxBytes?: number;
  /** How long an answer is given again, in milliseconds. Default 10 minutes. */
  readonly ttlMs?: number;
  /** How long the shared cache is waited for, in milliseconds. Default 5. */
  readonly sharedDeadlineMs?: number;
  /** Changed by the operator to forget all answers. */
  readonly epoch?: string;
}

export interface CompletionTimings {
  readonly promptMs: number;
  readonly cacheMs: number;
  readonly queueMs: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export interface CompletionStart {
  readonly completionId: string;
  readonly model: string;
  readonly region: string;
  readonly endpoint: string;
  readonly cache: CacheOutcome;
  /**
   * False when somebody else's request made the answer. Whoever can guess a prompt would learn from `cache` that another
   * one has asked the same: only the session that made the answer, and admins, may be told.
   */
  readonly ownSession: boolean;
  /** How long it took so far, for headers that leave with the first text. */
  readonly timings?: Omit<CompletionTimings, 'totalMs'>;
}

/** What a caller may say about one request besides whose it is. */
export interface CompleteOptions {
  /**
   * When the caller stops waiting, on the engine's clock. What cannot have a first token by then is not asked for, and ends
   * with reason `deadline`; what is under way is the caller's to abort, and goes on for others that wait for it.
   */
  readonly deadlineAt?: number | undefined;
  /** W3C trace context that the endpoint is told, when this request is the one that asks it. */
  readonly traceparent?: string | undefined;
  /** Default `any`. */
  readonly spend?: Spend | undefined;
  /**
   * Told once, when this request is over, what it has to answer for: of those that shared an answer one, and nobody for an
   * answer from a cache. Undefined: nothing.
   */
  readonly onBill?: ((bill: Bill | undefined) => void) | undefined;
}

/** A model was asked. Its own word about the tokens, in `done`, is better where there is one. */
export interface Bill {
  readonly model: string;
  /** Of the prompt, estimated; 0 when the model costs nothing. */
  readonly promptTokens: number;
}

/**
 * `start` comes with the first text, or right before `done` when there is none. `text` may come for several `index`es
 * interleaved; each index that had a `start` gets exactly one `finish`. `done` is last.
 */
export type CompletionEvent =
  | ({ readonly type: 'start' } & CompletionStart)
  | { readonly type: 'delta'; readonly index: number; readonly text: string }
  | { readonly type: 'finish'; readonly index: number; readonly reason: FinishReason }
  | {
      readonly type: 'done';
      /** What the answer cost when it was generated; with `cache` other than `miss` it costs nothing again. */
      readonly usage: Usage;
      /** The endpoint did not say, as when it was cancelled at the end of the block: counted from characters. */
      readonly usageEstimated?: true;
      readonly timings: CompletionTimings;
      readonly reason?: EmptyReason;
    };

export interface Engine {
  /**
   * Throws `InferenceError` before or after `start`; rejects with the signal's reason on abort. Leaving the loop early
   * cancels whatever nobody else waits for.
   */
  complete(
    request: CompletionRequest,
    tenant: EngineTenant,
    signal: AbortSignal,
    options?: CompleteOptions,
  ): AsyncIterable<CompletionEvent>;
}

/** Counters since the start, and the present size of the cache. */
export interface EngineStats {
  readonly memoryHits: number;
  readonly sharedHits: number;
  /** Requests answered with the rest of what was said to an earlier one. */
  readonly continued: number;
  /** Lookups that found nothing in any cache. */
  readonly misses: number;
  /** Requests that joined an identical one in flight. */
  readonly joined: number;
  readonly stored: number;
  readonly sharedErrors: number;
  /** Lookups in the shared cache that took longer than its deadline. */
  readonly sharedTimeouts: number;
  /** Values of the shared cache that were no misses but could not be opened: another secret, another form, or tampered with. */
  readonly sharedUnreadable: number;
  /** `resting`: left alone for a moment, as it failed or was late several times in a row. `ok` also when there is none. */
  readonly sharedCache: 'ok' | 'resting';
  /** `resting`: it refuses what is written to it (full, or read-only), and is tried once a second. */
  readonly sharedWrites: 'ok' | 'resting';
  /** What it said when it refused last, until it takes a value again. */
  readonly sharedWriteError?: string;
  readonly entries: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Prompts whose true length was learned from, told by endpoints or counted by tokenisers. */
  readonly tokenCountsLearned: number;
  /** Tokenisers that could not count when they were asked. */
  readonly tokenCountsFailed: number;
  /** Prompts that an endpoint refused as too long, and that were sent again shorter. */
  readonly promptsShortened: number;
  /** What was left out of contexts that were too long for their model, in tokens by reason, estimated. */
  readonly promptTokensSaved: Readonly<Record<SavingReason, number>>;
}

export interface MeasuredEngine extends Engine {
  /**
   * The rules for requests after the call of what it returns; those under way end under the rules they began with. What
   * `changes` does not name is as at the start; of `cache` only the epoch can change. Caches stay: what another policy or
   * model answered is not found under the new one. Throws when it cannot work.
   */
  prepare(changes: Partial<Pick<EngineOptions, 'models' | 'safety' | 'cache'>>): () => void;
  stats(): EngineStats;
}
