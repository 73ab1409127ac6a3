import type { PromptPiece } from './prompt-piece.ts';

/** A text near the cursor's file that may help: `name` is a path for templates that show one, opaque here. */
export interface PromptSnippet {
  readonly name: string;
  readonly text: string;
}

/** A prompt as text for endpoints that take raw text, with the strings at which such an endpoint must stop. */
export interface RenderedPrompt {
  readonly pieces: readonly PromptPiece[];
  readonly stop: readonly string[];
  /** For models that only chat: they are asked with messages, and never with `pieces`. */
  readonly chat?: (prefilled: boolean) => ChatPrompt;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** `continuation` is in it already. With `prefilled` the last message is the assistant's, for the model to go on with. */
export interface ChatPrompt {
  readonly messages: readonly ChatMessage[];
  /** For one candidate's answer. */
  createCleaner(): AnswerCleaner;
}

/** Turns what a chat model says into the text that was asked for, while it comes. */
export interface AnswerCleaner {
  /** `ended`: no more of it is wanted. */
  feed(text: string): { readonly text: string; readonly ended: boolean };
  /** What was held back: no more is coming. */
  end(): string;
}

export interface Sampling {
  readonly maxTokens: number;
  /** How many alternatives are wanted, 1–5. An endpoint may give fewer. */
  readonly candidates: number;
  readonly temperature: number;
  /** True when generation may end at the first line break: cheaper for endpoints with a `stop` list. */
  readonly singleLine: boolean;
}

/**
 * What inference knows of a request: prompts and tokens, not files or users. `affinity` and `tenant` are opaque; equal
 * strings want the same replica, and caches must not be shared across tenants.
 */
export interface InferencePrompt {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly PromptSnippet[];
  /** Text of a broken stream to continue after: part of the answer, never of the prefix. Empty as a rule. */
  readonly continuation: string;
  readonly sampling: Sampling;
  readonly affinity: string;
  readonly tenant: string;
  /** W3C trace context for the endpoint's own spans; none as a rule. */
  readonly traceparent?: string | undefined;
  /** Only endpoints that compute in this process are asked. */
  readonly embeddedOnly?: boolean | undefined;
  /** The prompt in the named FIM template, cut to its token budget; the endpoint puts `continuation` behind it. */
  render(template: string): RenderedPrompt;
}

export type InferenceEvent =
  /** First, exactly once, and only when there is a first token (or a complete empty answer). */
  | { readonly type: 'start'; readonly endpoint: string; readonly region: string; readonly queueMs: number }
  | { readonly type: 'text'; readonly index: number; readonly text: string }
  /** The candidate ended: by itself, or because `maxTokens` ran out. */
  | { readonly type: 'end'; readonly index: number; readonly reason: 'stop' | 'length' }
  /** Token counts as the endpoint reports them; absent when it does not. */
  | {
      readonly type: 'usage';
      readonly promptTokens: number;
      readonly completionTokens: number;
      /** Reckoned from characters: nothing to learn a tokeniser from. */
      readonly reckoned?: true;
    };

/**
 * The whole interface of this package: the best endpoint of the best region answers. Throws `InferenceError`; rejects
 * with the signal's reason when `signal` aborts. Leaving the loop early (`return`) cancels upstream like an abort.
 */
export interface Inference {
  stream(prompt: InferencePrompt, model: string, signal: AbortSignal): AsyncIterable<InferenceEvent>;
  /** No first token of `model` comes sooner than this many milliseconds from now; 0 when that is not known. */
  soonestMs?(model: string): number;
}

/** Counts tokens exactly, off the event loop. */
export interface TokenCounter {
  /** Rejects with the signal's reason when that aborts, and with an error when it is busy, cannot be reached or closed. */
  count(text: string, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** What an endpoint kind implements. Yields no `start`: the router says which endpoint it was. */
export interface Endpoint {
  readonly name: string;
  readonly region: string;
  /** It computes in this process, and costs nothing but its time. */
  readonly embedded?: true;
  /**
   * One attempt. Throws `InferenceError`, `broken` once text has come; when `signal` aborts it rejects with the signal's reason
   * at once, whatever it waits for. Each candidate that has begun gets one `end`.
   */
  open(prompt: InferencePrompt, signal: AbortSignal): AsyncIterable<EndpointEvent>;
  /** Lets go of connections and threads. */
  close(): Promise<void>;
}
export type EndpointEvent = Exclude<InferenceEvent, { type: 'start' }>;

/** The state of one endpoint as the router sees it, for `/readyz` and metrics. */
export interface EndpointHealth {
  readonly model: string;
  readonly endpoint: string;
  readonly region: string;
  /** By the last attempt. `failing` for a few seconds after a failure; then, untried, `unknown` again. */
  readonly state: 'ok' | 'failing' | 'unknown';
  readonly inFlight: number;
  /** Why it is `failing`; never text of a prompt. */
  readonly lastError?: string;
}
