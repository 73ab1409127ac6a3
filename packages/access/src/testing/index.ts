export { type Forger, type TestIssuer, startIssuer } from './issuer.ts';
export { type MemoryKeyStore, createMemoryKeyStore } from './memory-key-store.ts';
export { fixedKeyFor, issuerOptions } from './samples.ts';
