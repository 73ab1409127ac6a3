import * as z from 'zod';
import { LIMITS, fitUtf8, utf8Length, utf8LengthOf } from './limits.ts';
import { Problem } from './problem.ts';
import { type Parsed, TOO_LARGE, validate } from './validate.ts';

export const COMPLETIONS_PATH = '/v1/code/completions';

function boundedText(limit: number) {
  return z.string().superRefine((text, context) => {
    if (fitUtf8([text], limit)) return;
    context.addIssue({
      code: 'custom',
      params: TOO_LARGE,
      message: `${utf8Length(text)} bytes of UTF-8, at most ${limit} are allowed; send the part nearest to the cursor`,
    });
  });
}

/** A signed server id (`cmp_`) or, for suggestions of the extension's own local model, an id of its own (`loc_`). */
export const CompletionId = z
  .string()
  .regex(
    /^(?:cmp|loc)_[A-Za-z0-9_-]{8,120}$/,
    'must be a completion id as sent in the start event (cmp_…) or a local one (loc_…)',
  )
  .meta({ id: 'CompletionId' });
export type CompletionId = z.infer<typeof CompletionId>;

export const SnippetSource = z.enum(['open_file', 'recent_edit', 'recent_view', 'definition', 'retrieved']);
export const Snippet = z
  .object({
    path: z.string().min(1).max(1024).meta({ description: 'Workspace-relative path' }),
    text: z.string(),
    source: SnippetSource,
    score: z
      .number()
      .optional()
      .meta({ description: 'Higher is more relevant; the best survive a short token budget' }),
  })
  .meta({ id: 'Snippet' });
export type Snippet = z.infer<typeof Snippet>;

export const Trigger = z.enum(['automatic', 'manual', 'speculative']);
export type Trigger = z.infer<typeof Trigger>;
export const Multiline = z.enum(['auto', 'never', 'always']);
export type Multiline = z.infer<typeof Multiline>;

/** VS Code language ids: `typescript`, `objective-cpp`, `c#`; a closed alphabet, as it becomes a metric dimension. */
export const LanguageId = z
  .string()
  .regex(/^[A-Za-z0-9_+#.-]{1,40}$/, 'must be a VS Code language id such as "typescript"')
  .meta({ id: 'LanguageId' });

export const CompletionRequest = z
  .object({
    prefix: boundedText(LIMITS.prefixBytes).meta({
      description: `Text before the cursor, at most ${LIMITS.prefixBytes} bytes of UTF-8`,
    }),
    suffix: boundedText(LIMITS.suffixBytes).meta({
      description: `Text after the cursor, at most ${LIMITS.suffixBytes} bytes of UTF-8`,
    }),
    language: LanguageId,
    path: z.string().max(1024).optional().meta({ description: 'Workspace-relative path of the file' }),
    workspace: z.string().max(256).optional().meta({ description: 'Opaque workspace identity, for affinity only' }),
    snippets: z
      .array(Snippet)
      .max(LIMITS.snippets)
      .superRefine((snippets, context) => {
        const texts = snippets.map(({ text }) => text);
        if (fitUtf8(texts, LIMITS.snippetsBytes)) return;
        context.addIssue({
          code: 'custom',
          params: TOO_LARGE,
          message: `${utf8LengthOf(texts)} bytes of UTF-8 together, at most ${LIMITS.snippetsBytes} are allowed; drop the lowest-scored`,
        });
      })
      .optional(),
    trigger: Trigger,
    multiline: Multiline.optional().meta({ description: 'Default: auto' }),
    max_candidates: z.int().min(1).max(LIMITS.candidates).optional().meta({ description: 'Default: 1' }),
    max_tokens: z.int().min(1).max(LIMITS.maxTokens).optional(),
    session_id: z.string().min(1).max(128).optional(),
    sequence: z
      .int()
      .nonnegative()
      .optional()
      .meta({ description: 'Rising within a session: a newer incompatible request supersedes older ones' }),
    resume: z
      .object({ completion_id: CompletionId, text: boundedText(LIMITS.resumeBytes) })
      .optional()
      .meta({ description: 'The stream broke with the gateway: continue after this text' }),
    client: z
      .object({
        name: z.string().max(64),
        version: z.string().max(64).optional(),
        extension_version: z.string().max(64).optional(),
      })
      .optional(),
  })
  .meta({ id: 'CompletionRequest' });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

export function parseCompletionRequest(body: unknown): Parsed<CompletionRequest> {
  return validate(CompletionRequest, body);
}

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

export const Usage = z
  .object({
    prompt_tokens: z.int().nonnegative(),
    completion_tokens: z.int().nonnegative(),
    /** Estimated; absent when the context was not too long for the model. */
    saved_prompt_tokens: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'Left out of a context that was too long: duplicates, licences, long comments' }),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;
export const Timings = z
  .object({
    auth_ms: z.number(),
    prompt_ms: z.number(),
    cache_ms: z.number(),
    queue_ms: z.number(),
    first_token_ms: z.number(),
    total_ms: z.number(),
  })
  .meta({ id: 'Timings' });
export type Timings = z.infer<typeof Timings>;

export const StartEvent = z
  .object({
    completion_id: CompletionId,
    model: z.string(),
    region: z.string(),
    endpoint: z.string(),
    cache: CacheOutcome.meta({
      description: 'Where it came from, for the session that made it and for admins; `miss` for everybody else',
    }),
  })
  .meta({
    id: 'StartEvent',
    description: 'Sent with the first token, so that an error before it is still an HTTP error',
  });
export const DeltaEvent = z.object({ index: z.int().nonnegative(), text: z.string() }).meta({ id: 'DeltaEvent' });
export const FinishEvent = z.object({ index: z.int().nonnegative(), reason: FinishReason }).meta({ id: 'FinishEvent' });
export const DoneEvent = z
  .object({
    usage: Usage,
    timings: Timings,
    reason: EmptyReason.optional().meta({ description: 'Only when the completion is empty' }),
  })
  .meta({ id: 'DoneEvent' });

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
  const result = STREAM_EVENTS[event].safeParse(json);
  if (!result.success) throw new TypeError(`stream event "${event}": ${z.prettifyError(result.error)}`);
  return { event, data: result.data } as StreamEvent;
}

export const CompletionResponse = z
  .object({
    completion_id: CompletionId,
    model: z.string(),
    region: z.string(),
    endpoint: z.string(),
    cache: CacheOutcome.meta({
      description: 'Where it came from, for the session that made it and for admins; `miss` for everybody else',
    }),
    choices: z.array(z.object({ index: z.int().nonnegative(), text: z.string(), finish_reason: FinishReason })),
    usage: Usage,
    timings: Timings,
    reason: EmptyReason.optional(),
  })
  .meta({ id: 'CompletionResponse' });
export type CompletionResponse = z.infer<typeof CompletionResponse>;
