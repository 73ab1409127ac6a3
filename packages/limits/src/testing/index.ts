export * from './manual-clock.ts';
export * from './permit-store-cases.ts';
export * from './remote-store.ts';
