export { createEngine } from './engine.ts';
export { templateNames } from './fim-template.ts';
export type * from './types.ts';
