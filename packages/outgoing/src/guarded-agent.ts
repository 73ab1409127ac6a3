import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AddressRefusedError, type AddressRules, addressRefusal, guardedLookup } from './address-guard.ts';

/** As the libraries that ask by it have by themselves. */
const MAX_SOCKETS = 10;

/**
 * An agent of Node's for a library that asks `url` through `node:http`: keeps connections, and makes none to an address that the
 * rules refuse. Throws AddressRefusedError when `url` is one itself, as nothing is looked up then.
 */
export function guardedAgent(url: string, rules: AddressRules = {}): HttpAgent | HttpsAgent {
  const { hostname, protocol } = new URL(url);
  const refusal = addressRefusal(hostname, rules);
  if (refusal !== undefined) throw new AddressRefusedError(refusal);
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, lookup: guardedLookup(rules) };
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}
