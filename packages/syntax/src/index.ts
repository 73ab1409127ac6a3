export { type Language, languageOf, languageOfPath } from './languages.ts';
export { wantsMultiline } from './multiline.ts';
export { type StopRule, type StopRuleInput, type StopVerdict, createStopRule } from './stop-rule.ts';
