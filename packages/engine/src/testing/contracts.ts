export { type SharedCacheUnderTest, describeSharedCache } from './shared-cache-contract.ts';
