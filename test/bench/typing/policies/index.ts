import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';
import { createCopilot } from './copilot.ts';
import { createFixedDelay } from './fixed-delay.ts';
import { createLlama } from './llama.ts';
import { createOurs } from './ours.ts';
import { createTabby } from './tabby.ts';

/** Clients that differ in when they ask and in what they keep. */
export const POLICIES = {
  'fixed 350 ms': createFixedDelay,
  tabby: createTabby,
  'llama.vscode': createLlama,
  copilot: createCopilot,
  ours: createOurs,
} as const satisfies Record<string, (seams: ClientSeams) => ReplayClient>;

export type PolicyName = keyof typeof POLICIES;
