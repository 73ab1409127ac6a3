export { createMemoryStopStore } from './memory-stop-store.ts';
export { type RemoteStore, createRemoteStore } from './remote-store.ts';
export { type ReplicatedStore, createReplicatedStore } from './replicated-store.ts';
