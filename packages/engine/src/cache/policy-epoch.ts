import { hash } from 'node:crypto';
import { templateOf } from '../prompt/fim-template.ts';
import { plain } from '../prompt/prompt-text.ts';
import type { EngineModel } from '../types.ts';

/** What an operator decides about answers, as far as prompts do not show it. */
export interface AnswerPolicy {
  /** What is kept from models and out of answers, said in one line. */
  readonly safety: string;
  /** Raised by hand to forget all answers. */
  readonly epoch: string;
}

/** Every part and place of a template. */
const SAMPLE = {
  prefix: 'a',
  suffix: 'b',
  snippets: [{ name: 'c', text: 'd' }],
  path: 'e',
  language: 'f',
  lineComment: '//',
};

/**
 * A digest that changes when the same prompt may get another answer: after a change of the policy, of the model or of its
 * template. It is part of every cache key, so answers from before are not found any more, by gateways that have the change,
 * and expire unseen.
 */
export function policyEpoch(policy: AnswerPolicy, { name, revision = '', template }: EngineModel): string {
  const { render, stop } = templateOf(template);
  const rendered = [plain(render(SAMPLE)), plain(render({ ...SAMPLE, snippets: [] })), stop];
  return hash('sha256', JSON.stringify([policy.epoch, policy.safety, name, revision, template, rendered]), 'base64url');
}
