import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint, EndpointEvent, InferencePrompt } from '../types.ts';

export interface EndpointUnderTest {
  readonly endpoint: Endpoint;
  /** One that it has an answer for. */
  readonly prompt: InferencePrompt;
  /** What it asks, when that is to be ended too. */
  close?(): Promise<void>;
}

const textIn = (events: readonly EndpointEvent[]) =>
  events.map((event) => (event.type === 'text' && event.index === 0 ? event.text : '')).join('');

/** The contract of `Endpoint`, for each implementation. `open` gives a new one. */
export function describeEndpoint(name: string, open: () => Promise<EndpointUnderTest> | EndpointUnderTest): void {
  describe(`${name} as an endpoint`, () => {
    const reason = new Error('no longer wanted');
    let subject: EndpointUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject?.endpoint.close();
      await subject?.close?.();
    });

    async function collect(signal = new AbortController().signal): Promise<EndpointEvent[]> {
      const events: EndpointEvent[] = [];
      for await (const event of subject.endpoint.open(subject.prompt, signal)) events.push(event);
      return events;
    }

    it('streams text, then one end for each candidate that has begun', async () => {
      const events = await collect();
      expect(textIn(events)).not.toBe('');
      const begun = new Set<number>();
      const ended = new Set<number>();
      for (const event of events) {
        if (event.type === 'usage') continue;
        expect(ended).not.toContain(event.index);
        if (event.type === 'end') ended.add(event.index);
        else begun.add(event.index);
      }
      expect([...ended].toSorted()).toEqual([...begun].toSorted());
    });

    it('reports tokens once at most, and whole ones', async () => {
      const usages = (await collect()).filter((event) => event.type === 'usage');
      expect(usages.length).toBeLessThanOrEqual(1);
      for (const { promptTokens, completionTokens } of usages) {
        expect(Number.isInteger(promptTokens) && promptTokens > 0).toBe(true);
        expect(Number.isInteger(completionTokens) && completionTokens > 0).toBe(true);
      }
    });

    it('answers several at a time, each for itself', async () => {
      const said = textIn(await collect());
      const texts = (await Promise.all(Array.from({ length: 6 }, () => collect()))).map(textIn);
      expect(texts).toEqual(Array.from({ length: 6 }, () => said));
    });

    it('rejects with the reason of a signal that was aborted before', async () => {
      await expect(collect(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('rejects with the reason of a signal that aborts while it waits, and answers the next', async () => {
      const leaving = new AbortController();
      const waited = collect(leaving.signal);
      leaving.abort(reason);
      await expect(waited).rejects.toBe(reason);
      expect(textIn(await collect())).not.toBe('');
    });

    it('may be left in the middle, and answers the next', async () => {
      for await (const event of subject.endpoint.open(subject.prompt, new AbortController().signal)) {
        expect(event.type).toBe('text');
        break;
      }
      expect(textIn(await collect())).not.toBe('');
    });
  });
}
