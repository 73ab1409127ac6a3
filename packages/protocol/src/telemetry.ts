import * as z from 'zod/mini';
import { CompletionId, LanguageId, Trigger } from './completion.ts';
import { documented } from './documented.ts';
import { LIMITS } from './limits.ts';
import { RETENTION_S } from './retention.ts';

const UuidV7 = z
  .string()
  .check(
    z.regex(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      'must be a lower-case UUID of version 7',
    ),
  );

const ServerCompletionId = z
  .string()
  .check(z.regex(/^cmp_[A-Za-z0-9_-]{8,120}$/, 'must be a completion id as sent in the start event (cmp_…)'));

/** Where the text on screen came from. */
export const SuggestionSource = z.enum(['network', 'cache', 'inflight', 'typed', 'local']);
export type SuggestionSource = z.infer<typeof SuggestionSource>;

const count = z.int().check(z.nonnegative(), z.maximum(1_000_000));
const seconds = z.number().check(z.nonnegative(), z.maximum(604_800));

/** What every event carries. No field can hold source text: ids, enums, numbers and times only. */
const common = {
  event_id: documented(UuidV7, { description: 'UUIDv7; the same id twice counts once' }),
  completion_id: CompletionId,
  choice: z.int().check(z.minimum(0), z.maximum(LIMITS.candidates - 1)),
  view_id: documented(UuidV7, {
    description: 'One stay of one suggestion on screen; counts once however often its events arrive',
  }),
  time: z.iso.datetime({ error: 'must be an RFC 3339 time in UTC such as 2026-11-21T09:30:00.000Z' }),
  how: documented(z.enum(['measured', 'inferred']), {
    description: 'Whether the editor told us, or we concluded it from the document',
  }),
  origin: documented(z.optional(z.enum(['server', 'local'])), {
    description: 'Default: server. `local` with a completion id of the extension itself (loc_…), and only then',
  }),
  extended_by: documented(z.optional(ServerCompletionId), {
    description: 'Only with origin local: the completion of the server that the local one has grown into on screen',
  }),
  language: z.optional(LanguageId),
};

const extent = { chars: count, lines: count };

/** The table of event types: each with the few fields of its own. */
export const TelemetryEvent = documented(
  z.discriminatedUnion('type', [
    z.object({
      ...common,
      type: z.literal('completion-shown'),
      ...extent,
      latency_ms: z.number().check(z.nonnegative(), z.maximum(600_000)),
      trigger: Trigger,
      source: SuggestionSource,
    }),
    z.object({ ...common, type: z.literal('completion-typed-through'), accepted_chars: count, after_s: seconds }),
    z.object({ ...common, type: z.literal('completion-partially-accepted'), accepted_chars: count, after_s: seconds }),
    z.object({ ...common, type: z.literal('completion-accepted'), ...extent, accepted_chars: count, after_s: seconds }),
    z.object({ ...common, type: z.literal('completion-rejected'), ...extent, after_s: seconds }),
    z.object({ ...common, type: z.literal('completion-ignored'), ...extent, after_s: seconds }),
    z.object({
      ...common,
      type: z.literal('completion-retained'),
      after_s: documented(seconds, { description: `Since the acceptance: ${RETENTION_S.join(', ')}` }),
      edit_ratio: documented(z.number().check(z.minimum(0), z.maximum(1)), {
        description: 'How much of the accepted text has been changed by then: 0 nothing, 1 all of it',
      }),
      unresolved_identifiers: documented(z.optional(count), {
        description:
          'Identifiers in what is left of it that a language server reports as unresolved; absent when none has looked',
      }),
      unresolved_imports: documented(z.optional(count), { description: 'Imports in it, as above' }),
    }),
  ]),
  { id: 'TelemetryEvent' },
);
export type TelemetryEvent = z.infer<typeof TelemetryEvent>;
export type TelemetryEventType = TelemetryEvent['type'];

export const TelemetryBatch = documented(
  z.object({ events: z.array(TelemetryEvent).check(z.maxLength(LIMITS.telemetryEvents)) }),
  { id: 'TelemetryBatch' },
);
export type TelemetryBatch = z.infer<typeof TelemetryBatch>;

export const TelemetryReceipt = documented(
  z.object({
    accepted: z.int().check(z.nonnegative()),
    duplicates: z.int().check(z.nonnegative()),
    rejected: z.array(z.object({ index: z.int().check(z.nonnegative()), detail: z.string() })),
  }),
  { id: 'TelemetryReceipt' },
);
export type TelemetryReceipt = z.infer<typeof TelemetryReceipt>;
