import { describe, expect, it } from 'vitest';
import { createMilestones } from './milestones.ts';

describe('what a user has come to', () => {
  it('is told to the walkthrough once a session, and remembered for good', () => {
    const kept = new Map<string, boolean>();
    const told: string[] = [];
    let writes = 0;
    const session = () =>
      createMilestones({
        memory: {
          get: (key) => kept.get(key),
          update: async (key, value) => {
            writes++;
            kept.set(key, value);
          },
        },
        setContext: (key, value) => told.push(`${key} ${value}`),
      });
    const first = session();
    expect(first.has('hasSuggested')).toBe(false);
    first.reached('hasSuggested');
    first.reached('hasSuggested');
    expect(told).toEqual(['ghostline.hasSuggested true']);
    const second = session();
    expect(second.has('hasSuggested')).toBe(true);
    expect(second.has('isConnected')).toBe(false);
    second.reached('hasSuggested');
    expect(told).toHaveLength(2);
    expect(writes).toBe(1);
    second.tellAgain();
    expect(told.slice(2)).toEqual(['ghostline.hasSuggested false', 'ghostline.hasSuggested true']);
  });
});
