import type { EventRecord, LogRecord, RequestRecord } from './types.ts';

/** The rows of a batch, by table, ready to be written as JSON. */
export function toRows(gateway: string, records: readonly LogRecord[]) {
  const events: object[] = [];
  const requests: object[] = [];
  for (const record of records) {
    if (record.kind === 'event') events.push(eventRow(gateway, record));
    else requests.push(requestRow(gateway, record));
  }
  return { events, requests };
}

/** Fields that this type of event does not have are left out: the column's default, zero, empty or null, takes their place. */
function eventRow(gateway: string, { org, team, user, receivedAt, event }: EventRecord) {
  return {
    ...event,
    time: storeTime(Date.parse(event.time)),
    ...actor(org, team, user),
    gateway,
    received_at: storeTime(receivedAt),
    origin: event.origin ?? 'server',
  };
}

function requestRow(gateway: string, record: RequestRecord) {
  return {
    ...actor(record.org, record.team, record.user),
    gateway,
    completion_id: record.completionId,
    received_at: storeTime(record.receivedAt),
    language: record.language,
    trigger: record.trigger,
    model: record.model.toWellFormed(),
    region: record.region.toWellFormed(),
    endpoint: record.endpoint.toWellFormed(),
    cache: record.cache,
    outcome: record.outcome,
    prompt_tokens: record.promptTokens,
    completion_tokens: record.completionTokens,
    first_token_ms: record.firstTokenMs,
    total_ms: record.totalMs,
  };
}

/** Names come from configuration and tokens; a lone surrogate would make the store refuse the batch for ever. */
function actor(org: string, team: string, user: string) {
  return { org: org.toWellFormed(), team: team.toWellFormed(), user: user.toWellFormed() };
}

/** What DateTime64 can hold ends with the year 2299; clocks of clients, and queries, may say anything. */
const LAST_TIME = Date.UTC(2299, 11, 31);

/** The nearest time that the store can hold, in milliseconds since 1970. */
export function clampTime(ms: number): number {
  return Math.min(Math.max(ms, 0), LAST_TIME);
}

/** Milliseconds since 1970 as ClickHouse writes a DateTime64(3) in UTC. */
export function storeTime(ms: number): string {
  return new Date(clampTime(ms)).toISOString().replace('T', ' ').slice(0, -1);
}
