import { attemptOrder, hasJustFailed } from './attempt-order.ts';
import { InferenceError } from './errors.ts';
import { type Quickness, afterFirstToken, soonestFirstToken } from './first-token.ts';
import type { Endpoint, EndpointEvent, EndpointHealth, Inference, InferenceEvent, InferencePrompt } from './types.ts';

export interface InferenceOptions {
  /** The region of this process: its endpoints are tried first. */
  readonly region: string;
  readonly models: readonly { readonly name: string; readonly endpoints: readonly EndpointSlot[] }[];
  readonly now?: () => number;
}

/** An endpoint and how many requests it may have at a time. */
export interface EndpointSlot {
  readonly endpoint: Endpoint;
  readonly maxConcurrent?: number | undefined;
}

export interface RunningInference extends Inference {
  health(): EndpointHealth[];
  /**
   * From now on these. Requests under way end where they are; what is known of an endpoint stays with its name; an endpoint that
   * is no longer among them is closed when its last request has ended.
   */
  replace(models: InferenceOptions['models']): void;
  close(): Promise<void>;
}

interface Slot {
  endpoint: Endpoint;
  region: string;
  maxConcurrent: number;
  inFlight: number;
  failedAt: number | undefined;
  answered: boolean;
  lastError: string | undefined;
  quickness: Quickness | undefined;
}

/** Routes each request: order the endpoints → one attempt each until a first token comes → that one answers to its end. */
export function createInference({ region, models, now = Date.now }: InferenceOptions): RunningInference {
  let slotsOf = new Map(models.map(({ name, endpoints }) => [name, endpoints.map(createSlot)]));
  const endpoints = createEndpointsInUse();
  /** Models that were configured until a moment ago: somebody may be about to ask them. */
  let former = new Set<string>();

  async function* stream(prompt: InferencePrompt, model: string, signal: AbortSignal): AsyncGenerator<InferenceEvent> {
    const slots = slotsOf.get(model);
    if (!slots && former.has(model))
      throw new InferenceError('overloaded', model, `model "${model}" has just been taken out of the configuration`);
    if (!slots) throw new Error(`model "${model}" is not configured; known are ${[...slotsOf.keys()].join(', ')}`);
    const began = now();
    const failures: InferenceError[] = [];
    const eligible = prompt.embeddedOnly ? slots.filter(({ endpoint }) => endpoint.embedded) : slots;
    for (const slot of attemptOrder(eligible, region, began)) {
      signal.throwIfAborted();
      const { endpoint } = slot;
      if (slot.inFlight >= slot.maxConcurrent) {
        const detail = `endpoint ${endpoint.name} is at its maxConcurrent of ${slot.maxConcurrent}`;
        failures.push(new InferenceError('overloaded', endpoint.name, detail));
        continue;
      }
      const start: InferenceEvent = {
        type: 'start',
        endpoint: endpoint.name,
        region: endpoint.region,
        queueMs: now() - began,
      };
      let started = false;
      const asked = now();
      // What comes before the first text must not commit the answer to this endpoint yet.
      const early: EndpointEvent[] = [];
      slot.inFlight += 1;
      endpoints.enter(endpoint);
      try {
        for await (const event of endpoint.open(prompt, signal)) {
          if (!started) {
            if (event.type !== 'text') {
              early.push(event);
              continue;
            }
            started = true;
            succeeded(slot);
            const at = now();
            slot.quickness = afterFirstToken(slot.quickness, at - asked, at);
            yield start;
            yield* early;
          }
          yield event;
        }
        if (!started) {
          started = true;
          succeeded(slot);
          yield start;
          yield* early;
        }
        return;
      } catch (error) {
        // The caller has gone: that says nothing about the endpoint.
        if (signal.aborted) throw signal.reason;
        const failure = asInferenceError(error, endpoint, started);
        failed(slot, failure, now());
        if (started || REQUEST_REFUSALS.has(failure.status)) throw failure;
        failures.push(failure);
      } finally {
        slot.inFlight -= 1;
        endpoints.leave(endpoint);
      }
    }
    throw nobodyAnswered(model, failures);
  }

  function allEndpoints(): Endpoint[] {
    return [...slotsOf.values()].flat().map(({ endpoint }) => endpoint);
  }

  return {
    stream,
    soonestMs: (model) =>
      soonestFirstToken(
        (slotsOf.get(model) ?? []).map(({ quickness }) => quickness),
        now(),
      ),
    health: () =>
      [...slotsOf].flatMap(([model, slots]) =>
        slots.map((slot) => ({
          model,
          endpoint: slot.endpoint.name,
          region: slot.region,
          inFlight: slot.inFlight,
          ...conditionOf(slot, now()),
        })),
      ),
    replace(next) {
      const before = allEndpoints();
      former = new Set(slotsOf.keys());
      slotsOf = new Map(
        next.map(({ name, endpoints: wanted }) => {
          const known = new Map(slotsOf.get(name)?.map((slot) => [slot.endpoint.name, slot]));
          return [name, wanted.map((each) => updateSlot(known.get(each.endpoint.name), each))];
        }),
      );
      const kept = new Set(allEndpoints());
      for (const endpoint of before) if (!kept.has(endpoint)) endpoints.retire(endpoint);
    },
    async close() {
      await Promise.all([...allEndpoints(), ...endpoints.retiring()].map((endpoint) => endpoint.close()));
    },
  };
}

/** The slot of that name goes on with what it knows: its statistics, its failures and the requests under way. */
function updateSlot(known: Slot | undefined, slot: EndpointSlot): Slot {
  if (!known) return createSlot(slot);
  const { endpoint, region, maxConcurrent } = createSlot(slot);
  return Object.assign(known, { endpoint, region, maxConcurrent });
}

/** How many requests each endpoint has, so that one that is no longer wanted is closed after the last of them. */
function createEndpointsInUse() {
  const inUse = new Map<Endpoint, number>();
  const retired = new Set<Endpoint>();
  const close = (endpoint: Endpoint) => {
    retired.delete(endpoint);
    void endpoint.close();
  };
  return {
    enter: (endpoint: Endpoint) => void inUse.set(endpoint, (inUse.get(endpoint) ?? 0) + 1),
    leave(endpoint: Endpoint) {
      const left = (inUse.get(endpoint) ?? 1) - 1;
      if (left > 0) inUse.set(endpoint, left);
      else {
        inUse.delete(endpoint);
        if (retired.has(endpoint)) close(endpoint);
      }
    },
    retire(endpoint: Endpoint) {
      retired.add(endpoint);
      if (!inUse.has(endpoint)) close(endpoint);
    },
    retiring: (): Endpoint[] => [...retired],
  };
}

function createSlot({ endpoint, maxConcurrent = Number.POSITIVE_INFINITY }: EndpointSlot): Slot {
  const { region } = endpoint;
  return {
    endpoint,
    region,
    maxConcurrent,
    inFlight: 0,
    failedAt: undefined,
    answered: false,
    lastError: undefined,
    quickness: undefined,
  };
}

function succeeded(slot: Slot): void {
  slot.answered = true;
  slot.failedAt = undefined;
  slot.lastError = undefined;
}

function failed(slot: Slot, error: InferenceError, at: number): void {
  // An endpoint that is full works; one that says no to a request may say yes to the next.
  if (error.failure === 'overloaded' || REQUEST_REFUSALS.has(error.status)) return;
  slot.lastError = error.message;
  slot.failedAt = at;
}

/** A failure speaks for the moment only: nobody may have tried since whether the endpoint is back. */
function conditionOf(slot: Slot, now: number): Pick<EndpointHealth, 'state' | 'lastError'> {
  if (slot.failedAt === undefined) return { state: slot.answered ? 'ok' : 'unknown' };
  if (!hasJustFailed(slot, now) || slot.lastError === undefined) return { state: 'unknown' };
  return { state: 'failing', lastError: slot.lastError };
}

/** Bad request, too large, cannot be processed: about the request. 401 or 404 are about the endpoint, its key and its url. */
const REQUEST_REFUSALS: ReadonlySet<number | undefined> = new Set([400, 413, 422]);

/** After the first token nothing may be tried again: the answer has begun. */
function asInferenceError(error: unknown, { name }: Endpoint, started: boolean): InferenceError {
  if (error instanceof InferenceError && (!started || error.failure === 'broken')) return error;
  const message = error instanceof InferenceError ? error.message : `endpoint ${name} failed unexpectedly`;
  return new InferenceError(started ? 'broken' : 'protocol', name, message, { cause: error });
}

/**
 * One error for all attempts, of the kind that says most: what may pass rather than what will not (one such endpoint is
 * reason enough to ask again), a failure rather than a full house, the first of those.
 */
function nobodyAnswered(model: string, failures: readonly InferenceError[]): InferenceError {
  const passing = failures.filter(({ retryable }) => retryable);
  const telling = passing.find(({ failure }) => failure !== 'overloaded') ?? passing[0] ?? failures[0];
  if (!telling) return new InferenceError('overloaded', model, `model "${model}" has no endpoints`);
  const waits = failures.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  const reasons = [...new Set(failures.map(({ message }) => message))].join('; ');
  return new InferenceError(
    telling.failure,
    telling.endpoint,
    `No endpoint of model "${model}" answered: ${reasons}.`,
    {
      ...(telling.status !== undefined && { status: telling.status }),
      ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }),
      cause: telling,
    },
  );
}
