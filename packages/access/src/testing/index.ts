export { type Forger, type TestIssuer, startIssuer } from './issuer.ts';
export { KEY_STORE_CASES, type KeyStoreCase, type StorePair } from './key-store-cases.ts';
export { type MemoryKeyStore, createMemoryKeyStore } from './memory-key-store.ts';
export { fixedKeyFor, issuerOptions } from './samples.ts';
