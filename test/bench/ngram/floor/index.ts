export { type NgramCandidate, type NgramRequest, completeFromContext } from './complete-from-context.ts';
