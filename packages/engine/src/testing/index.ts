export { type MemorySharedCache, createMemorySharedCache } from './memory-shared-cache.ts';
