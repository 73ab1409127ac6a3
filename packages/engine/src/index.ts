export { createEngine } from './engine.ts';
export { type Mac, createMac } from './mac.ts';
export { templateNames } from './prompt/fim-template.ts';
export { familyOf } from './prompt/template-families.ts';
export type * from './types.ts';
export type { OnDecision, SafetyDecision } from './safety/safe-request.ts';
export { type SafetyPolicy, type SafetyRules, rulesFor } from './safety/safety-rules.ts';
