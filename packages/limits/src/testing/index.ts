export * from './manual-clock.ts';
export * from './memory-stop-store.ts';
export * from './permit-store-cases.ts';
export * from './remote-store.ts';
