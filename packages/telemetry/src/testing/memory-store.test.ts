import { describeAnalyticsStore } from './contracts.ts';
import { createMemoryStore } from './memory-store.ts';

describeAnalyticsStore('the store in memory', () => ({ store: createMemoryStore() }));
