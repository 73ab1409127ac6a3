export { createExclusions, createPathMatcher } from './exclusions.ts';
export { type IgnoreLevel, type IgnoreRules, isIgnoredBy, parseIgnoreFile } from './ignore-files.ts';
export { containsPlaceholder, countPlaceholders } from './placeholder.ts';
export { type Redaction, redactSecrets } from './redact.ts';
export { type Redactor, createRedactor } from './redactor.ts';
export { hasInvisible, invisibleAsSpaces, withoutInvisible } from './invisible.ts';
export { type GuardVerdict, type StreamGuard, createStreamGuard } from './stream-guard.ts';
export { withoutInstructions } from './instructions.ts';
