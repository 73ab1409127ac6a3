import { describe, expect, it } from 'vitest';
import { policyEpoch } from './policy-epoch.ts';

const policy = { safety: 'no legal/**', epoch: '' };
const model = { name: 'fast', template: 'plain', contextTokens: 4000 };

describe('the policy’s epoch', () => {
  it('stays while nothing changes that decides answers', () => {
    expect(policyEpoch({ ...policy }, { ...model })).toBe(policyEpoch(policy, model));
    expect(policyEpoch(policy, { ...model, contextTokens: 8000 })).toBe(policyEpoch(policy, model));
  });

  it.each([
    ['what is excluded and filtered', policyEpoch({ ...policy, safety: '' }, model)],
    ['what the operator raises by hand', policyEpoch({ ...policy, epoch: '2' }, model)],
    ['the model', policyEpoch(policy, { ...model, name: 'big' })],
    ['the model’s revision', policyEpoch(policy, { ...model, revision: '2026-11' })],
    ['the template', policyEpoch(policy, { ...model, template: 'starcoder2' })],
  ])('is another one after a change of %s', (_what, epoch) => {
    expect(epoch).not.toBe(policyEpoch(policy, model));
  });
});
