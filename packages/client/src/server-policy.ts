import type { AdminRules } from './context/text-rules.ts';
import { TransportError, failureOf } from './transport/error.ts';
import type { ClientFailure, Transport } from './types.ts';

/** An admin who changes the policy sees it kept within this time, without a request more per keystroke. */
const FRESH_MS = 5 * 60_000;
/** A server that has just failed is not asked for its policy at every keystroke. */
const RETRY_MS = 5_000;

const NOTHING: AdminRules = { excludedPaths: [], excludedLanguages: [] };

/** What the organisation wants of this client. */
export interface ServerPolicy {
  /** Files whose text stays in the editor, as far as they are known; the same object while they are the same. */
  exclusions(): AdminRules;
  /**
   * Undefined when the policy is known, or there is none; a known one is good while it is being asked for again. Otherwise
   * resolves when it is known, or with the failure when the server cannot say it: nothing may be sent then. Rejects with the
   * signal's reason on abort, and goes on asking.
   */
  unknown(signal: AbortSignal): Promise<ClientFailure | undefined> | undefined;
  /** Another server. */
  reset(): void;
}

/** Asks for the policy before the first request, and again when it has become old. */
export function createServerPolicy(transport: Pick<Transport, 'policy'>, now: () => number): ServerPolicy {
  let excluded = NOTHING;
  let known: { at: number } | undefined;
  let asking: { readonly done: Promise<ClientFailure | undefined>; readonly controller: AbortController } | undefined;
  let failed: { readonly at: number; readonly failure: ClientFailure } | undefined;

  async function learn({ signal }: AbortController): Promise<ClientFailure | undefined> {
    try {
      const policy = await transport.policy?.(signal);
      if (signal.aborted) return undefined;
      const { excluded_paths: excludedPaths = [], excluded_languages: excludedLanguages = [] } = policy ?? {};
      excluded = { excludedPaths, excludedLanguages };
      known = { at: now() };
      failed = undefined;
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const failure = failureOf(error);
      // A server of before there were policies has none; what it excludes, it excludes by itself.
      if (isUnheardOf(error)) known = { at: now() };
      else failed = { at: now(), failure };
      return known ? undefined : failure;
    } finally {
      if (!signal.aborted) asking = undefined;
    }
  }

  function ask(): Promise<ClientFailure | undefined> {
    const controller = new AbortController();
    asking ??= { controller, done: learn(controller) };
    return asking.done;
  }

  /** What one server was asked says nothing of the one that has taken its place. */
  async function learned(signal: AbortSignal): Promise<ClientFailure | undefined> {
    for (;;) {
      const failure = await ask();
      if (known || failure || signal.aborted) return failure;
    }
  }

  function isOld(at: number, ms: number): boolean {
    const age = now() - at;
    return age < 0 || age >= ms;
  }

  return {
    exclusions: () => excluded,
    unknown(signal) {
      if (!transport.policy) return undefined;
      if (known) {
        if (isOld(known.at, FRESH_MS) && (!failed || isOld(failed.at, RETRY_MS))) void ask();
        return undefined;
      }
      return unlessAborted(learned(signal), signal);
    },
    reset() {
      asking?.controller.abort();
      asking = undefined;
      excluded = NOTHING;
      known = undefined;
      failed = undefined;
    },
  };
}

/** Any other refusal says that there may be one. */
function isUnheardOf(error: unknown): boolean {
  return error instanceof TransportError && error.failure.reason === 'rejected' && error.status === 404;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const giveUp = () => reject(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
