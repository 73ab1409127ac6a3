export { draw, drawAccepted } from './draw.ts';
export { type ManualClock, createManualClock } from './manual-clock.ts';
export { type MemoryOutboxStore, createMemoryOutboxStore } from './memory-outbox-store.ts';
export {
  type ScriptedCandidate,
  type ScriptedLocalCall,
  type ScriptedLocalModel,
  type ScriptedLocalModelOptions,
  createScriptedLocalModel,
} from './scripted-local-model.ts';
export {
  type ScriptedCall,
  type ScriptedTransport,
  type ScriptedTransportOptions,
  createScriptedTransport,
} from './scripted-transport.ts';
