export { createExclusions } from './exclusions.ts';
export { containsPlaceholder } from './placeholder.ts';
export { type Redaction, redactSecrets } from './redact.ts';
