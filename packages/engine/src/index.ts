export { createEngine } from './engine.ts';
export { templateNames } from './fim-template.ts';
export { familyOf } from './template-families.ts';
export { TIKTOKEN_ENCODINGS, type TiktokenEncoding, createTiktokenCounter } from './tiktoken-counter.ts';
export type * from './types.ts';
export type { OnDecision, SafetyDecision } from './safe-request.ts';
export { type SafetyPolicy, type SafetyRules, rulesFor } from './safety-rules.ts';
