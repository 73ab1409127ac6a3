export { type MemoryEventLog, createMemoryEventLog } from './memory-event-log.ts';
export { type MemoryStore, createMemoryStore } from './memory-store.ts';
export { type EventSeed, eventRecord, requestRecord } from './records.ts';
export { MIGRATIONS } from '../schema.ts';
