import type { CompletionRequest } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createSupersede } from './supersede.ts';

function harness() {
  const supersede = createSupersede();
  const aborted: number[] = [];
  const enter = (sequence: number, prefix: string, more: Partial<CompletionRequest> = {}, owner = 'alice') =>
    supersede.enter(
      owner,
      { prefix, suffix: '', language: 'typescript', trigger: 'automatic', session_id: 's', sequence, ...more },
      () => aborted.push(sequence),
    );
  return { enter, aborted };
}

describe('a newer request of a session', () => {
  it('ends an older one about other text', () => {
    const { enter, aborted } = harness();
    enter(1, 'const a');
    enter(2, 'let');
    expect(aborted).toEqual([1]);
  });

  it('leaves one alone that the user is typing along with', () => {
    const { enter, aborted } = harness();
    enter(1, 'const');
    enter(2, 'const a');
    expect(aborted).toEqual([]);
  });

  it('leaves everything alone when it goes on with a broken stream, whose keystroke was earlier', () => {
    const { enter, aborted } = harness();
    enter(1, 'let');
    enter(2, 'let b', { trigger: 'speculative' });
    enter(3, 'le', { resume: { completion_id: 'cmp_12345678', text: 't' } });
    expect(aborted).toEqual([]);
    // Nor does it make a request too old that was sent before it.
    expect(enter(2, 'let b')).toBeTypeOf('function');
  });

  it('leaves other sessions, other users and finished requests alone', () => {
    const { enter, aborted } = harness();
    enter(1, 'a');
    enter(9, 'b', { session_id: 'other' });
    enter(9, 'b', {}, 'bob');
    const leave = enter(2, 'ab');
    leave?.();
    enter(3, 'x');
    expect(aborted).toEqual([1]);
  });

  it('is not superseded by a late older one, which is told so', () => {
    const { enter, aborted } = harness();
    enter(5, 'new');
    expect(enter(4, 'old')).toBeUndefined();
    expect(aborted).toEqual([]);
  });

  it('that is speculative replaces nothing', () => {
    const { enter, aborted } = harness();
    enter(1, 'a');
    enter(2, 'b', { trigger: 'speculative' });
    expect(aborted).toEqual([]);
  });
});
