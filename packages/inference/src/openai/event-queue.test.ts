import { describe, expect, it } from 'vitest';
import type { EndpointEvent } from '../types.ts';
import { createEventQueue } from './event-queue.ts';

const text = (text: string, index = 0): EndpointEvent => ({ type: 'text', index, text });
const end: EndpointEvent = { type: 'end', index: 0, reason: 'stop' };

function open() {
  const calls: string[] = [];
  const queue = createEventQueue({ onReturn: () => calls.push('returned'), onEmpty: () => calls.push('empty') });
  return { queue, calls };
}

describe('a queue of events', () => {
  it('gives a packet as a whole to a consumer that waits', async () => {
    const { queue } = open();
    const next = queue.next();
    for (const event of [text('a'), text('b'), text('c', 1), text('d'), end]) queue.push(event);
    queue.flush();
    expect((await next).value).toEqual(text('ab'));
    expect((await queue.next()).value).toEqual(text('c', 1));
    expect((await queue.next()).value).toEqual(text('d'));
    expect((await queue.next()).value).toEqual(end);
  });

  it('says how much waits, and when all of it is taken', async () => {
    const { queue, calls } = open();
    queue.push(text('abc'));
    queue.push(end);
    expect(queue.flush()).toBe(3);
    await queue.next();
    expect(calls).toEqual([]);
    await queue.next();
    expect(calls).toEqual(['empty']);
    expect(queue.flush()).toBe(0);
  });

  it('ends, or fails once, after what waits', async () => {
    for (const settle of ['end', 'fail'] as const) {
      const { queue } = open();
      queue.push(text('a'));
      queue[settle](new Error('lost'));
      queue.push(text('late'));
      expect((await queue.next()).value).toEqual(text('a'));
      if (settle === 'fail') await expect(queue.next()).rejects.toThrow('lost');
      expect(await queue.next()).toEqual({ done: true, value: undefined });
    }
  });

  it('aborted fails before what waits', async () => {
    const { queue } = open();
    queue.push(text('a'));
    queue.abort('keystroke');
    await expect(queue.next()).rejects.toBe('keystroke');
  });

  it('left while the consumer waits ends at once', async () => {
    const { queue, calls } = open();
    const next = queue.next();
    await queue.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(calls).toEqual(['returned']);
  });
});
