import * as z from 'zod/mini';
import { documented } from './documented.ts';
import { inEnglish } from './english.ts';
import { LANGUAGE_ID } from './language-id.ts';
import { LIMITS, fitUtf8, utf8Length, utf8LengthOf } from './limits.ts';
import { Problem } from './problem-document.ts';
import { TOO_LARGE } from './validate.ts';

function boundedText(limit: number) {
  return z.string().check(
    z.superRefine((text, context) => {
      if (fitUtf8([text], limit)) return;
      context.addIssue({
        code: 'custom',
        params: TOO_LARGE,
        message: `${utf8Length(text)} bytes of UTF-8, at most ${limit} are allowed; send the part nearest to the cursor`,
      });
    }),
  );
}

/** A signed server id (`cmp_`) or, for suggestions of the extension's own local model, an id of its own (`loc_`). */
export const CompletionId = documented(
  z
    .string()
    .check(
      z.regex(
        /^(?:cmp|loc)_[A-Za-z0-9_-]{8,120}$/,
        'must be a completion id as sent in the start event (cmp_…) or a local one (loc_…)',
      ),
    ),
  { id: 'CompletionId' },
);
export type CompletionId = z.infer<typeof CompletionId>;

export const SnippetSource = z.enum(['open_file', 'recent_edit', 'recent_view', 'definition', 'retrieved']);
export const Snippet = documented(
  z.object({
    path: documented(z.string().check(z.minLength(1), z.maxLength(1024)), { description: 'Workspace-relative path' }),
    text: z.string(),
    source: SnippetSource,
    score: documented(z.optional(z.number()), {
      description: 'Higher is more relevant; the best survive a short token budget',
    }),
  }),
  { id: 'Snippet' },
);
export type Snippet = z.infer<typeof Snippet>;

export const Trigger = z.enum(['automatic', 'manual', 'speculative']);
export type Trigger = z.infer<typeof Trigger>;
export const Multiline = z.enum(['auto', 'never', 'always']);
export type Multiline = z.infer<typeof Multiline>;

/** A VS Code language id. */
export const LanguageId = documented(
  z.string().check(z.regex(LANGUAGE_ID, 'must be a VS Code language id such as "typescript"')),
  { id: 'LanguageId' },
);

const name = z.string().check(z.maxLength(64));

export const CompletionRequest = documented(
  z.object({
    prefix: documented(boundedText(LIMITS.prefixBytes), {
      description: `Text before the cursor, at most ${LIMITS.prefixBytes} bytes of UTF-8`,
    }),
    suffix: documented(boundedText(LIMITS.suffixBytes), {
      description: `Text after the cursor, at most ${LIMITS.suffixBytes} bytes of UTF-8`,
    }),
    language: LanguageId,
    path: documented(z.optional(z.string().check(z.maxLength(1024))), {
      description: 'Workspace-relative path of the file',
    }),
    workspace: documented(z.optional(z.string().check(z.maxLength(256))), {
      description: 'Opaque workspace identity, for affinity only',
    }),
    snippets: z.optional(
      z.array(Snippet).check(
        z.maxLength(LIMITS.snippets),
        z.superRefine((snippets, context) => {
          const texts = snippets.map(({ text }) => text);
          if (fitUtf8(texts, LIMITS.snippetsBytes)) return;
          context.addIssue({
            code: 'custom',
            params: TOO_LARGE,
            message: `${utf8LengthOf(texts)} bytes of UTF-8 together, at most ${LIMITS.snippetsBytes} are allowed; drop the lowest-scored`,
          });
        }),
      ),
    ),
    trigger: Trigger,
    multiline: documented(z.optional(Multiline), { description: 'Default: auto' }),
    max_candidates: documented(z.optional(z.int().check(z.minimum(1), z.maximum(LIMITS.candidates))), {
      description: 'Default: 1',
    }),
    max_tokens: z.optional(z.int().check(z.minimum(1), z.maximum(LIMITS.maxTokens))),
    session_id: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
    sequence: documented(z.optional(z.int().check(z.nonnegative())), {
      description: 'Rising within a session: a newer incompatible request supersedes older ones',
    }),
    resume: documented(z.optional(z.object({ completion_id: CompletionId, text: boundedText(LIMITS.resumeBytes) })), {
      description: 'The stream broke with the gateway: continue after this text',
    }),
    client: z.optional(z.object({ name, version: z.optional(name), extension_version: z.optional(name) })),
  }),
  { id: 'CompletionRequest' },
);
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/**
 * Where an answer came from: the model (`miss`), the gateway's cache, the cache that gateways share, the rest of an earlier
 * answer that was typed into, or another request for the same that was under way.
 */
export const CacheOutcome = z.enum(['miss', 'memory', 'redis', 'continuation', 'inflight']);
export type CacheOutcome = z.infer<typeof CacheOutcome>;
export const FinishReason = z.enum(['stop', 'length', 'block_end', 'filtered', 'time']);
export type FinishReason = z.infer<typeof FinishReason>;
/** Why a completion is empty: an answer, not an error. */
export const EmptyReason = z.enum(['silent', 'excluded', 'filtered', 'superseded', 'shed', 'use_local', 'deadline']);
export type EmptyReason = z.infer<typeof EmptyReason>;

export const Usage = documented(
  z.object({
    prompt_tokens: z.int().check(z.nonnegative()),
    completion_tokens: z.int().check(z.nonnegative()),
    /** Estimated; absent when the context was not too long for the model. */
    saved_prompt_tokens: documented(z.optional(z.int().check(z.positive())), {
      description: 'Left out of a context that was too long: duplicates, licences, long comments',
    }),
  }),
  { id: 'Usage' },
);
export type Usage = z.infer<typeof Usage>;
export const Timings = documented(
  z.object({
    auth_ms: z.number(),
    prompt_ms: z.number(),
    cache_ms: z.number(),
    queue_ms: z.number(),
    first_token_ms: z.number(),
    total_ms: z.number(),
  }),
  { id: 'Timings' },
);
export type Timings = z.infer<typeof Timings>;

const index = z.int().check(z.nonnegative());
const origin = {
  completion_id: CompletionId,
  model: z.string(),
  region: z.string(),
  endpoint: z.string(),
  cache: documented(CacheOutcome, {
    description: 'Where it came from, for the session that made it and for admins; `miss` for everybody else',
  }),
};

export const StartEvent = documented(z.object(origin), {
  id: 'StartEvent',
  description: 'Sent with the first token, so that an error before it is still an HTTP error',
});
export const DeltaEvent = documented(z.object({ index, text: z.string() }), { id: 'DeltaEvent' });
export const FinishEvent = documented(z.object({ index, reason: FinishReason }), { id: 'FinishEvent' });
export const DoneEvent = documented(
  z.object({
    usage: Usage,
    timings: Timings,
    reason: documented(z.optional(EmptyReason), { description: 'Only when the completion is empty' }),
  }),
  { id: 'DoneEvent' },
);

export type StartEvent = z.infer<typeof StartEvent>;
export type DeltaEvent = z.infer<typeof DeltaEvent>;
export type FinishEvent = z.infer<typeof FinishEvent>;
export type DoneEvent = z.infer<typeof DoneEvent>;

/** One frame of the stream: the SSE event name and its payload. */
export type StreamEvent =
  | { event: 'start'; data: StartEvent }
  | { event: 'delta'; data: DeltaEvent }
  | { event: 'finish'; data: FinishEvent }
  | { event: 'done'; data: DoneEvent }
  | { event: 'error'; data: Problem };

const STREAM_EVENTS = {
  start: StartEvent,
  delta: DeltaEvent,
  finish: FinishEvent,
  done: DoneEvent,
  error: Problem,
} as const;

/**
 * The typed event of one SSE frame. Event names that are not known yet give undefined (a newer server may send more);
 * throws a TypeError that names the event and the field when a known one is malformed.
 */
export function parseStreamEvent(name: string | undefined, data: string): StreamEvent | undefined {
  if (name === undefined || !Object.hasOwn(STREAM_EVENTS, name)) return undefined;
  const event = name as StreamEvent['event'];
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (cause) {
    throw new TypeError(`stream event "${event}" is not JSON`, { cause });
  }
  const result = STREAM_EVENTS[event].safeParse(json, { error: inEnglish });
  if (!result.success) throw new TypeError(`stream event "${event}": ${z.prettifyError(result.error)}`);
  return { event, data: result.data } as StreamEvent;
}

export const CompletionResponse = documented(
  z.object({
    ...origin,
    choices: z.array(z.object({ index, text: z.string(), finish_reason: FinishReason })),
    usage: Usage,
    timings: Timings,
    reason: z.optional(EmptyReason),
  }),
  { id: 'CompletionResponse' },
);
export type CompletionResponse = z.infer<typeof CompletionResponse>;
