import { describe, expect, it } from 'vitest';
import { type PathState, UNKNOWN_PATH, afterNoStream, afterStream, pathAt } from './answer-form.ts';

const burst = { madeInMs: 400, cameInMs: 3 };
const steady = { madeInMs: 400, cameInMs: 390 };
const MINUTE = 60_000;

function after(...streams: { madeInMs: number; cameInMs: number }[]): PathState {
  return streams.reduce((state, stream) => afterStream(state, stream, 0), UNKNOWN_PATH);
}

describe('the form of answers', () => {
  it('stays a stream while text comes as it is made', () => {
    expect(after(steady, steady, steady, steady).form).toBe('stream');
  });

  it('becomes a document after three bursts in a row', () => {
    expect(after(burst, burst).form).toBe('stream');
    expect(after(burst, burst, burst).form).toBe('document');
    expect(after(burst, burst, steady, burst, burst).form).toBe('stream');
  });

  it('is not judged by answers too short to tell, such as those from a cache', () => {
    const cached = { madeInMs: 0, cameInMs: 0 };
    expect(after(cached, cached, cached, cached)).toEqual(UNKNOWN_PATH);
    expect(after(burst, cached, burst, cached, burst).form).toBe('document');
  });

  it('becomes a stream again after ten minutes, for as long as that goes well', () => {
    const documents = after(burst, burst, burst);
    expect(pathAt(documents, 10 * MINUTE - 1).form).toBe('document');
    const again = pathAt(documents, 10 * MINUTE);
    expect(again.form).toBe('stream');
    expect(afterStream(again, steady, 10 * MINUTE)).toEqual(UNKNOWN_PATH);
  });

  it('goes back to documents after a single burst then, for twice as long, two hours at most', () => {
    let state = after(burst, burst, burst);
    const lasted: number[] = [];
    let now = 0;
    for (let round = 0; round < 6; round++) {
      if (state.form !== 'document') throw new Error('expected documents');
      lasted.push((state.until - now) / MINUTE);
      now = state.until;
      state = afterStream(pathAt(state, now), burst, now);
    }
    expect(lasted).toEqual([10, 20, 40, 80, 120, 120]);
  });

  it('becomes a document at once when no stream comes at all', () => {
    expect(afterNoStream(UNKNOWN_PATH, 0)).toMatchObject({ form: 'document', until: 10 * MINUTE });
  });
});
