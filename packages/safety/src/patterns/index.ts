export { type BlockedPattern, PatternError } from './compile.ts';
export { type PatternMatcher, type PatternStream, type PatternVerdict, createPatternMatcher } from './matcher.ts';
