import type { CompletionRequest } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createSupersede } from './supersede.ts';

function harness() {
  let time = 0;
  const supersede = createSupersede(() => time);
  const aborted: number[] = [];
  const enter = (sequence: number, prefix: string, more: Partial<CompletionRequest> = {}, owner = 'alice') =>
    supersede.enter(
      owner,
      { prefix, suffix: '', language: 'typescript', trigger: 'automatic', session_id: 's', sequence, ...more },
      () => aborted.push(sequence),
    );
  return { enter, aborted, size: supersede.size, pass: (ms: number) => (time += ms) };
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

  it('that has been answered still supersedes one that it overtook on its way, for a while', () => {
    const { enter, pass } = harness();
    enter(5, 'new')?.();
    pass(9_999);
    expect(enter(4, 'old')).toBeUndefined();
    expect(enter(5, 'new')).toBeTypeOf('function');
    const { enter: later, pass: wait } = harness();
    later(5, 'new')?.();
    wait(10_000);
    // An editor that counts anew under the same name.
    expect(later(0, 'first')).toBeTypeOf('function');
  });

  it('ends older ones whatever connection they came over, and those that wait as well as those that run', () => {
    const { enter, aborted } = harness();
    for (const sequence of [1, 2, 3]) enter(sequence, `text ${sequence}`, { trigger: 'speculative' });
    enter(4, 'elsewhere');
    expect(aborted).toEqual([1, 2, 3]);
  });

  it('comes in any order: of many the newest is the only one that is left', () => {
    const { enter, aborted } = harness();
    const order = [3, 1, 9, 4, 7, 2, 8, 0, 6, 5];
    const entered = order.filter((sequence) => enter(sequence, `text ${sequence}`) !== undefined);
    expect([entered, aborted]).toEqual([[3, 9], [3]]);
  });

  it('leaves nothing behind but a bounded memory of sessions', () => {
    const { enter, size, pass } = harness();
    for (let session = 0; session < 30_000; session++) enter(1, 'a', { session_id: `s${session}` })?.();
    expect(size()).toBeGreaterThanOrEqual(9_000);
    expect(size()).toBeLessThanOrEqual(10_000);
    pass(10_000);
    enter(1, 'a')?.();
    expect(size()).toBe(1);
  });

  it('that is speculative replaces nothing', () => {
    const { enter, aborted } = harness();
    enter(1, 'a');
    enter(2, 'b', { trigger: 'speculative' });
    expect(aborted).toEqual([]);
  });
});
