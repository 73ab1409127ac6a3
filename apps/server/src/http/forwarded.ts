import process from 'node:process';
import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { Context } from 'hono';
import { isLoopback } from './loopback.ts';
import { type Peer, accountOf, isServiceAccount } from './peer-account.ts';
import type { AppEnv } from './app-env.ts';

/** What proxies, load balancers and tunnels add to what they forward, in small letters. No editor, browser or command sends any. */
const FORWARDING = new Set([
  'via',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-original-forwarded-for',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'true-client-ip',
  'client-ip',
  'fastly-client-ip',
  'fly-client-ip',
]);
const FORWARDING_FAMILIES = /^(?:x-forwarded|x-envoy|x-arr|x-azure|x-appengine|x-vercel|cf)-/;
/** With these all of the above begin: most headers are told apart by two letters. */
const BEGINNINGS = new Set(['vi', 'fo', 'fa', 'fl', 'x-', 'tr', 'cl', 'cf'].map(beginningOf));

/**
 * How it shows that somebody else sent this than whoever connected; undefined when nothing shows it. A header that says so, or
 * HTTP/1.0: nginx spoke that by itself until 1.29.7, with nothing in it that is not this machine's, and clients have not for
 * twenty years. Since then only the account it runs under is left to tell it.
 */
export function signOfForwarding(c: Context<AppEnv>): string | undefined {
  const incoming = c.env?.incoming;
  if (incoming && incoming.httpVersionMajor === 1 && incoming.httpVersionMinor === 0) return 'it came as HTTP/1.0';
  const header = incoming?.rawHeaders
    ? forwardingHeader(incoming.rawHeaders, 2)
    : forwardingHeader([...c.req.raw.headers.keys()], 1);
  return header && `it has the header ${header}`;
}

function forwardingHeader(names: readonly string[], step: number): string | undefined {
  for (let at = 0; at < names.length; at += step) {
    const name = names[at]!;
    if (!BEGINNINGS.has(beginningOf(name))) continue;
    const small = name.toLowerCase();
    if (FORWARDING.has(small) || FORWARDING_FAMILIES.test(small)) return small;
  }
  return undefined;
}

/** The first two letters, whether small or capital, as a number. */
function beginningOf(name: string): number {
  return ((name.charCodeAt(0) | 0x20) << 8) | (name.charCodeAt(1) | 0x20);
}

/**
 * Whether a service's account connected, such as a proxy's: at once when that is known of the connection. `wait` false: also at
 * once where it is not known, and then it is not, until it was looked up.
 */
export type ServiceCheck = (c: Context<AppEnv>, how: { readonly wait: boolean }) => boolean | Promise<boolean>;

/** A look costs from one to twenty milliseconds of a thread; those that nobody waits for take a twentieth of it. */
const REST_PER_LOOK = 19;
/** Where one was seen, nobody is let in before it is known who connected. */
const SUSPECT_MS = 3_600_000;

export interface ServiceCheckOptions {
  readonly account?: (peer: Peer) => Promise<number | undefined>;
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
}

/** One look for each connection. What cannot be found out is no service. */
export function createServiceCheck({
  account = accountOf,
  now = () => performance.now(),
  setTimer = backgroundTimer,
}: ServiceCheckOptions = {}): ServiceCheck {
  const verdicts = new WeakMap<Peer, boolean | Promise<boolean>>();
  const unlooked = new Set<Peer>();
  const own = process.getuid?.();
  let suspectUntil = Number.NEGATIVE_INFINITY;
  let restUntil = Number.NEGATIVE_INFINITY;
  let isScheduled = false;

  async function look(peer: Peer): Promise<boolean> {
    const began = now();
    const found = await account(peer);
    const ended = now();
    restUntil = ended + REST_PER_LOOK * (ended - began);
    const verdict = found !== undefined && found !== own && isServiceAccount(found);
    if (verdict) suspectUntil = ended + SUSPECT_MS;
    verdicts.set(peer, verdict);
    return verdict;
  }

  function begin(peer: Peer): Promise<boolean> {
    const looked = look(peer);
    verdicts.set(peer, looked);
    return looked;
  }

  function lookLater(peer: Peer): void {
    unlooked.add(peer);
    if (isScheduled) return;
    isScheduled = true;
    setTimer(
      () => {
        isScheduled = false;
        for (const one of unlooked) if (!verdicts.has(one)) void begin(one);
        unlooked.clear();
      },
      Math.max(0, restUntil - now()),
    );
  }

  return (c, { wait }) => {
    const peer = connectionOf(c);
    if (peer === undefined) return false;
    const known = verdicts.get(peer);
    if (typeof known === 'boolean') return known;
    if (wait || now() < suspectUntil) return known ?? begin(peer);
    if (known === undefined) lookLater(peer);
    return false;
  };
}

export const isService = createServiceCheck();

function connectionOf(c: Context<AppEnv>): Peer | undefined {
  try {
    return c.env?.incoming?.socket;
  } catch {
    // An HTTP/2 session that has ended throws when its socket is asked for anything.
    return undefined;
  }
}

/** Whether a process of this machine asks for itself, as far as it shows. */
export async function isFromThisMachine(c: Context<AppEnv>): Promise<boolean> {
  return (
    isLoopback(connectionOf(c)?.remoteAddress ?? '') &&
    signOfForwarding(c) === undefined &&
    !(await isService(c, { wait: true }))
  );
}
