import process from 'node:process';
import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { Context } from 'hono';
import { type AppEnv, connectionOf } from './app-env.ts';
import { type Peer, accountOf, isServiceAccount } from './peer-account.ts';

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
    // A connection that has ended may say nothing of itself any more.
    const found = await account(peer).catch(() => undefined);
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
