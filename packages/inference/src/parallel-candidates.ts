import type { Endpoint, EndpointEvent, InferencePrompt } from './types.ts';

type Usage = Extract<EndpointEvent, { type: 'usage' }>;

interface Lane {
  readonly index: number;
  readonly events: AsyncIterator<EndpointEvent>;
  began: boolean;
  ended: boolean;
  usage: Usage | undefined;
}

/**
 * An endpoint whose server makes one alternative a request (it ignores or refuses `n`): asked once for each that is wanted, at
 * the same time. Their texts come interleaved, as they are made. One that fails is one alternative less; only when all fail is
 * that a failure, the first one's.
 */
export function createParallelCandidates(endpoint: Endpoint): Endpoint {
  return {
    name: endpoint.name,
    region: endpoint.region,
    open: (prompt, signal) =>
      prompt.sampling.candidates === 1 ? endpoint.open(prompt, signal) : openAll(endpoint, prompt, signal),
    close: () => endpoint.close(),
  };
}

async function* openAll(
  endpoint: Endpoint,
  prompt: InferencePrompt,
  signal: AbortSignal,
): AsyncGenerator<EndpointEvent, void, undefined> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const single = { ...prompt, sampling: { ...prompt.sampling, candidates: 1 } };
  const lanes = Array.from({ length: prompt.sampling.candidates }, (_, index): Lane => {
    const events = endpoint.open(single, either)[Symbol.asyncIterator]();
    return { index, events, began: false, ended: false, usage: undefined };
  });
  const pending = new Map(lanes.map((lane) => [lane, nextOf(lane)]));
  const failures: unknown[] = [];
  try {
    while (pending.size > 0) {
      const { lane, result } = await Promise.race(pending.values());
      if (result.kind === 'failed') {
        if (signal.aborted) throw signal.reason;
        failures.push(result.error);
      }
      if (result.kind === 'event') {
        pending.set(lane, nextOf(lane));
        const event = taken(lane, result.event);
        if (event) yield event;
        continue;
      }
      pending.delete(lane);
      // What was cut short says so: it must not be taken for whole.
      if (lane.began && !lane.ended) yield { type: 'end', index: lane.index, reason: 'length' };
    }
    if (failures.length === lanes.length) throw failures[0];
    const usage = sumOf(lanes.flatMap((lane) => lane.usage ?? []));
    if (usage && lanes.every((lane) => lane.usage || !lane.began)) yield usage;
  } finally {
    left.abort(new DOMException('the alternatives are no longer wanted', 'AbortError'));
  }
}

type Result =
  | { readonly kind: 'event'; readonly event: EndpointEvent }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly error: unknown };

async function nextOf(lane: Lane): Promise<{ readonly lane: Lane; readonly result: Result }> {
  try {
    const { done, value } = await lane.events.next();
    return { lane, result: done ? { kind: 'over' } : { kind: 'event', event: value } };
  } catch (error) {
    return { lane, result: { kind: 'failed', error } };
  }
}

/** The event as one of this alternative's; nothing for what is said of all at the end. */
function taken(lane: Lane, event: EndpointEvent): EndpointEvent | undefined {
  if (event.type === 'usage') {
    lane.usage = event;
    return undefined;
  }
  // Whoever sends more than was asked for is not listened to.
  if (event.index !== 0) return undefined;
  lane.began = true;
  if (event.type === 'end') lane.ended = true;
  return { ...event, index: lane.index };
}

/** Each of them read the prompt. */
function sumOf(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined;
  return {
    type: 'usage',
    promptTokens: usages.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    completionTokens: usages.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
  };
}
