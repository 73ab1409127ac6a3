export { backoffMs } from './backoff.ts';
export { type ClickHouseStoreOptions, createClickHouseStore } from './clickhouse-store.ts';
export { EventLogError, type EventLogOptions, openEventLog } from './event-log.ts';
export { type Forwarder, type ForwarderOptions, type ForwarderStats, createForwarder } from './forwarder.ts';
export type * from './types.ts';
