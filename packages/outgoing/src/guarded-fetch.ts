import { Agent, fetch } from 'undici';
import { AddressRefusedError, type AddressRules, addressRefusal, guardedLookup } from './address-guard.ts';

/** Longer than a distant server takes; callers have deadlines of their own besides. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A `fetch` that connects to no address which the rules refuse, whatever leads there: the URL itself, a name, or a name that has
 * moved since. Rejects with an AddressRefusedError, which is the `cause` where a name was looked up. Redirects are refused as
 * `redirect: 'error'` does, unless the caller takes them in its own hands (`manual`).
 */
export function createGuardedFetch(
  rules: AddressRules = {},
  lookup?: Parameters<typeof guardedLookup>[1],
): typeof globalThis.fetch {
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(rules, lookup) } });
  const guarded: typeof fetch = async (input, init) => {
    const { hostname } = new URL(typeof input === 'string' ? input : 'href' in input ? input.href : input.url);
    const refusal = addressRefusal(hostname, rules);
    if (refusal !== undefined) throw new AddressRefusedError(refusal);
    // What is followed was not looked at.
    const redirect = init?.redirect === 'manual' ? 'manual' : 'error';
    return fetch(input, { ...init, redirect, dispatcher });
  };
  // The same function by other types: Node's own `fetch` is an undici of another version.
  return guarded as unknown as typeof globalThis.fetch;
}
