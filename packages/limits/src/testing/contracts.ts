export { type PermitStoreUnderTest, describePermitStore } from './permit-store-contract.ts';
export { type StopStoreUnderTest, describeStopStore } from './stop-store-contract.ts';
