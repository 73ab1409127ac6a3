export { type MemorySharedCache, createMemorySharedCache } from './memory-shared-cache.ts';
export { SHARED_CACHE_CASES, type SharedCacheCase } from './shared-cache-cases.ts';
export { seeded } from './seeded.ts';
