export { type MemorySharedCache, createMemorySharedCache } from './memory-shared-cache.ts';
export { seeded } from './seeded.ts';
