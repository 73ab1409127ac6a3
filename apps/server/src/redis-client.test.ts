import { describe, expect, it } from 'vitest';
import { redisOptions } from './redis-client.ts';

describe('a connection to a Redis that was demoted', () => {
  it('is made anew, but not for each value that is refused', () => {
    let time = 1000;
    const { reconnectOnError } = redisOptions(() => time);
    const refusal = new Error("READONLY You can't write against a read only replica.");
    expect([reconnectOnError(refusal), reconnectOnError(refusal)]).toEqual([true, false]);
    time = 11_001;
    expect(reconnectOnError(refusal)).toBe(true);
    expect(reconnectOnError(new Error('OOM command not allowed'))).toBe(false);
  });
});
