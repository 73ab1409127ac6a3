export { type ManualClock, createManualClock } from './manual-clock.ts';
