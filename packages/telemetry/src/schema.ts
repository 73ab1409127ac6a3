/**
 * The store's tables, for ClickHouse and chDB alike. Each entry is applied once, in order, and never edited after a
 * release: a change is a new entry. Names are prefixed, as the database may be shared.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // An event's copies (a batch delivered again, or sent through two gateways) share the sorting key. Merging keeps the
    // one with the highest `earliest_wins`: the first received, as that time decides the bucket. Merges happen some day
    // or never, so reports do not rely on them.
    `CREATE TABLE IF NOT EXISTS ghostline_events (
      org LowCardinality(String),
      event_id String CODEC(ZSTD(1)),
      type LowCardinality(String),
      received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
      time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
      gateway LowCardinality(String),
      team LowCardinality(String),
      user LowCardinality(String),
      completion_id String CODEC(ZSTD(1)),
      choice UInt8,
      view_id String CODEC(ZSTD(1)),
      how LowCardinality(String),
      origin LowCardinality(String),
      language LowCardinality(String),
      chars UInt32,
      lines UInt32,
      accepted_chars UInt32,
      after_s Float64,
      edit_ratio Float64,
      latency_ms Float64,
      trigger LowCardinality(String),
      source LowCardinality(String),
      earliest_wins UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(received_at)),
      INDEX received_at_range received_at TYPE minmax
    )
    ENGINE = ReplacingMergeTree(earliest_wins)
    PARTITION BY toYYYYMM(received_at)
    ORDER BY (org, event_id)
    ${durable()}`,
    `CREATE TABLE IF NOT EXISTS ghostline_requests (
      org LowCardinality(String),
      completion_id String CODEC(ZSTD(1)),
      received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
      gateway LowCardinality(String),
      team LowCardinality(String),
      user LowCardinality(String),
      language LowCardinality(String),
      trigger LowCardinality(String),
      model LowCardinality(String),
      region LowCardinality(String),
      endpoint LowCardinality(String),
      cache LowCardinality(String),
      outcome LowCardinality(String),
      prompt_tokens UInt32,
      completion_tokens UInt32,
      first_token_ms Float64,
      total_ms Float64,
      INDEX received_at_range received_at TYPE minmax
    )
    ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMM(received_at)
    ORDER BY (org, completion_id)
    ${durable()}`,
    `CREATE TABLE IF NOT EXISTS ghostline_gateways (
      gateway String,
      complete_through DateTime64(3, 'UTC'),
      heard_at DateTime64(3, 'UTC')
    )
    ENGINE = ReplacingMergeTree(heard_at)
    ORDER BY gateway
    TTL toDateTime(heard_at) + INTERVAL 30 DAY`,
  ],
  [
    // Null: no language server has looked, which is not the same as none unresolved. No part is rewritten for it.
    `ALTER TABLE ghostline_events
      ADD COLUMN IF NOT EXISTS unresolved_identifiers Nullable(UInt32) AFTER edit_ratio,
      ADD COLUMN IF NOT EXISTS unresolved_imports Nullable(UInt32) AFTER unresolved_identifiers`,
  ],
];

/** Where `migrate()` notes what it has applied. */
export const SCHEMA_TABLE = `CREATE TABLE IF NOT EXISTS ghostline_schema (
  version UInt32,
  retention_days UInt32,
  applied_at DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY version`;

/** Sets how long rows are kept. Without rewriting old parts: they are dropped whole once their newest row is too old. */
export function retentionStatements(days: number): string[] {
  return ['ghostline_events', 'ghostline_requests'].map(
    (table) =>
      `ALTER TABLE ${table} MODIFY TTL toDateTime(received_at) + INTERVAL ${Math.trunc(days)} DAY SETTINGS materialize_ttl_after_modify = 0`,
  );
}

/**
 * The event log forgets what the store has acknowledged, so an acknowledged insert must survive a power cut. The parts
 * that a merge replaces stay for eight minutes, by when the kernel has written the merged one.
 */
function durable(): string {
  return 'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1';
}
