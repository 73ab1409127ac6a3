export { type ReplayClock, createRealClock, createVirtualClock } from './clock.ts';
export {
  type Measures,
  type Tally,
  type TypeThroughTimes,
  type WallTimes,
  measuresOf,
  typeThroughTimes,
} from './measure.ts';
export {
  type ParsedRecording,
  type RecordedEdit,
  type RecordedEvent,
  type Recording,
  formatRecording,
  parseRecording,
} from './recording.ts';
export {
  type ClientSeams,
  type ReplayClient,
  type ReplayOptions,
  type ReplayReport,
  type TraceEntry,
  replay,
} from './replay.ts';
export { type Scene, type Script, type Step, toScript } from './script.ts';
export { type Oracle, type OracleOptions, createOracle } from './server/oracle.ts';
export { type CostedServer, type RequestCost, estimateCosts } from './server/costs.ts';
export { type EngineOptions, createScriptedServer } from './server/scripted-server.ts';
export type { PromptOrder } from './server/prompt.ts';
export { type UserOptions } from './user.ts';
