export { type ExplainOptions, explain } from './explain/explain.ts';
export type { Explanation } from './explain/reasons.ts';
export { type KeystrokeKind, kindOf } from './kind.ts';
export {
  type RedactedContext,
  type RedactedExport,
  type RedactedKeystroke,
  type RedactOptions,
  redact,
} from './redact.ts';
export { type Translate, inEnglish, translateWith } from './translate.ts';
