import {
  LIMITS,
  ProblemError,
  TELEMETRY_PATH,
  type TelemetryReceipt,
  parseTelemetryBatch,
  problem,
} from '@ghostline/protocol';
import type { EventLog } from '@ghostline/telemetry';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { AppEnv } from '../http/app-env.ts';
import { readJson } from '../http/read-json.ts';
import type { Metrics } from '../metrics/index.ts';
import { reasonOf } from '../reason-of.ts';
import type { CompletionIds } from './completion-id.ts';

export interface TelemetryOptions {
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly ids: Pick<CompletionIds, 'isGenuine'>;
  readonly metrics: Metrics;
  /** Called when there is something to deliver. */
  readonly notify: () => void;
  readonly log: Logger;
  readonly now?: () => number;
}

/** `POST /v1/telemetry`: validate → acknowledge only what is durable. */
export function telemetryRoutes(options: TelemetryOptions): Hono<AppEnv> {
  const { eventLog, ids, metrics, notify, log, now = Date.now } = options;
  let said: string | undefined;
  return new Hono<AppEnv>().post(TELEMETRY_PATH, async (c) => {
    const body = await readJson(c, LIMITS.telemetryBodyBytes);
    const receivedAt = now();
    const parsed = parseTelemetryBatch(body, receivedAt);
    if (!parsed.ok) throw new ProblemError(parsed.problem);
    const { org, team, user } = c.get('principal');
    const isOurs = ({ event }: (typeof parsed.events)[number]) => ids.isGenuine(event.completion_id, org);
    const judged = Map.groupBy(parsed.events, isOurs);
    const genuine = judged.get(true) ?? [];
    const forged = judged.get(false) ?? [];
    const rejected = [
      ...parsed.rejected,
      ...forged.map(({ index }) => ({
        index,
        detail: 'completion_id: not one that this deployment gave to your organisation',
      })),
    ].toSorted((a, b) => a.index - b.index);
    const receipt: TelemetryReceipt = { accepted: 0, duplicates: 0, rejected };
    if (genuine.length > 0) {
      const records = genuine.map(({ event }) => ({ kind: 'event' as const, receivedAt, org, team, user, event }));
      const { accepted, duplicates } = await eventLog.append(records).catch((cause: unknown) => {
        const reason = reasonOf(cause);
        if (reason !== said) log.error({ reason }, 'events are refused: they cannot be made durable');
        said = reason;
        const detail = 'The event log cannot be written now. Nothing of this batch was taken: keep it and try again.';
        throw new ProblemError(problem('event-log-unavailable', detail, { retry_after_ms: 5_000 }), { cause });
      });
      said = undefined;
      receipt.accepted = accepted;
      receipt.duplicates = duplicates;
      notify();
    }
    metrics.events.inc({ result: 'accepted' }, receipt.accepted);
    metrics.events.inc({ result: 'duplicate' }, receipt.duplicates);
    metrics.events.inc({ result: 'rejected' }, rejected.length);
    return c.json(receipt, 202);
  });
}
