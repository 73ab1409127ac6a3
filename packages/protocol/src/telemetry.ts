import * as z from 'zod';
import { CompletionId, LanguageId, Trigger } from './completion.ts';
import { LIMITS } from './limits.ts';
import { type Problem, problem } from './problem.ts';
import { type UnknownNames, findTypo, validate } from './validate.ts';

export const TELEMETRY_PATH = '/v1/telemetry';

const UuidV7 = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'must be a lower-case UUID of version 7',
  );

const ServerCompletionId = z
  .string()
  .regex(/^cmp_[A-Za-z0-9_-]{8,120}$/, 'must be a completion id as sent in the start event (cmp_…)');

/** Where the text on screen came from. */
export const SuggestionSource = z.enum(['network', 'cache', 'inflight', 'typed', 'local']);
export type SuggestionSource = z.infer<typeof SuggestionSource>;

/** When what is left of an accepted text is looked at, in seconds after its acceptance. */
export const RETENTION_S = [15, 30, 120, 300, 600] as const;

const count = z.int().nonnegative().max(1_000_000);
const seconds = z.number().nonnegative().max(604_800);

/** What every event carries. No field can hold source text: ids, enums, numbers and times only. */
const common = {
  event_id: UuidV7.meta({ description: 'UUIDv7; the same id twice counts once' }),
  completion_id: CompletionId,
  choice: z
    .int()
    .min(0)
    .max(LIMITS.candidates - 1),
  view_id: UuidV7.meta({
    description: 'One stay of one suggestion on screen; counts once however often its events arrive',
  }),
  time: z.iso.datetime({ error: 'must be an RFC 3339 time in UTC such as 2026-11-21T09:30:00.000Z' }),
  how: z
    .enum(['measured', 'inferred'])
    .meta({ description: 'Whether the editor told us, or we concluded it from the document' }),
  origin: z.enum(['server', 'local']).optional().meta({
    description: 'Default: server. `local` with a completion id of the extension itself (loc_…), and only then',
  }),
  extended_by: ServerCompletionId.optional().meta({
    description: 'Only with origin local: the completion of the server that the local one has grown into on screen',
  }),
  language: LanguageId.optional(),
};

const extent = { chars: count, lines: count };

/** The table of event types: each with the few fields of its own. */
export const TelemetryEvent = z
  .discriminatedUnion('type', [
    z.object({
      ...common,
      type: z.literal('completion-shown'),
      ...extent,
      latency_ms: z.number().nonnegative().max(600_000),
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
      after_s: seconds.meta({ description: `Since the acceptance: ${RETENTION_S.join(', ')}` }),
      edit_ratio: z
        .number()
        .min(0)
        .max(1)
        .meta({ description: 'How much of the accepted text has been changed by then: 0 nothing, 1 all of it' }),
      unresolved_identifiers: count.optional().meta({
        description:
          'Identifiers in what is left of it that a language server reports as unresolved; absent when none has looked',
      }),
      unresolved_imports: count.optional().meta({ description: 'Imports in it, as above' }),
    }),
  ])
  .meta({ id: 'TelemetryEvent' });
export type TelemetryEvent = z.infer<typeof TelemetryEvent>;
export type TelemetryEventType = TelemetryEvent['type'];

export const TelemetryBatch = z
  .object({ events: z.array(TelemetryEvent).max(LIMITS.telemetryEvents) })
  .meta({ id: 'TelemetryBatch' });
export type TelemetryBatch = z.infer<typeof TelemetryBatch>;

export const TelemetryReceipt = z
  .object({
    accepted: z.int().nonnegative(),
    duplicates: z.int().nonnegative(),
    rejected: z.array(z.object({ index: z.int().nonnegative(), detail: z.string() })),
  })
  .meta({ id: 'TelemetryReceipt' });
export type TelemetryReceipt = z.infer<typeof TelemetryReceipt>;

export type ParsedBatch =
  | { ok: true; events: { index: number; event: TelemetryEvent }[]; rejected: TelemetryReceipt['rejected'] }
  | { ok: false; problem: Problem };

/**
 * Each event judged on its own, so that one bad event never holds back its neighbours. `now` is the server's time in ms.
 * Fails as a whole only when the body is not a batch.
 */
export function parseTelemetryBatch(body: unknown, now: number): ParsedBatch {
  const outer = validate(z.object({ events: z.array(z.unknown(), { error: 'must be an array of events' }) }), body);
  if (!outer.ok) return outer;
  if (outer.value.events.length > LIMITS.telemetryEvents) {
    const detail = `events: ${outer.value.events.length} events, at most ${LIMITS.telemetryEvents} are allowed; send several batches`;
    return { ok: false, problem: problem('too-large', detail) };
  }
  const events: { index: number; event: TelemetryEvent }[] = [];
  const rejected: TelemetryReceipt['rejected'] = [];
  const names: UnknownNames = new Map();
  for (const [index, value] of outer.value.events.entries()) {
    const judged = judge(value, now, names);
    if (typeof judged === 'string') rejected.push({ index, detail: judged });
    else events.push({ index, event: judged });
  }
  return { ok: true, events, rejected };
}

function judge(value: unknown, now: number, names: UnknownNames): TelemetryEvent | string {
  const result = validate(TelemetryEvent, value);
  if (!result.ok) return result.problem.detail;
  const typo = TelemetryEvent.options.find((option) => option.shape.type.value === result.value.type);
  const mistake = typo && findTypo(typo, value, names);
  if (mistake) return mistake;
  const isLocalId = result.value.completion_id.startsWith('loc_');
  if (isLocalId && result.value.origin !== 'local')
    return 'origin: must be "local" for a completion id of the extension itself (loc_…)';
  if (!isLocalId && result.value.origin === 'local')
    return 'origin: must be "server", or absent, for a completion id of the server (cmp_…)';
  if (!isLocalId && result.value.extended_by !== undefined)
    return 'extended_by: is for a completion id of the extension itself (loc_…) only; leave it out';
  if (now - Date.parse(result.value.time) > LIMITS.telemetryMaxAgeMs) {
    return `time: ${result.value.time} is older than ${LIMITS.telemetryMaxAgeMs / 86_400_000} days, which is as far back as events are taken`;
  }
  return result.value;
}
