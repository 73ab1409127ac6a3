export * from './completion.ts';
export * from './limits.ts';
export * from './openapi.ts';
export * from './policy.ts';
export * from './problem.ts';
export * from './reports.ts';
export * from './sse.ts';
export * from './telemetry.ts';
export { type Parsed, findTypo, knownFields, likelyMeant, fieldName, validate } from './validate.ts';
