import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import type { Problem } from './problem-document.ts';
import { problem } from './problem.ts';
import { TelemetryEvent, type TelemetryReceipt } from './telemetry.ts';
import { type UnknownNames, findTypo, validate } from './validate.ts';

const Batch = z.object({ events: z.array(z.unknown(), { error: 'must be an array of events' }) });

/** Batches hold hundreds of them: as code of its own the check takes a fifth of the time. */
const compiled = z.compile(TelemetryEvent);

export type ParsedBatch =
  | { ok: true; events: { index: number; event: TelemetryEvent }[]; rejected: TelemetryReceipt['rejected'] }
  | { ok: false; problem: Problem };

/**
 * Each event judged on its own, so that one bad event never holds back its neighbours. `now` is the server's time in ms.
 * Fails as a whole only when the body is not a batch.
 */
export function parseTelemetryBatch(body: unknown, now: number): ParsedBatch {
  const outer = validate(Batch, body);
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
  const result = validate(compiled, value);
  if (!result.ok) return result.problem.detail;
  const typo = z.getDiscriminatedOption(TelemetryEvent, result.value.type);
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
