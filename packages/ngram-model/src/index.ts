export { type NgramCandidate, type NgramRequest, completeFromContext } from './complete-from-context.ts';
export { type NgramAnswer, type NgramTask, answerTask, warmUp } from './task.ts';
