export { type KeyStoreUnderTest, describeKeyStore } from './key-store-contract.ts';
