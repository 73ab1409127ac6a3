import { isIPv6 } from 'node:net';

const MINUTE_MS = 60_000;
/** The first time an address is slowed; each further one takes twice as long. A person who mistyped waits ten seconds. */
const FIRST_BLOCK_MS = 10_000;
const LONGEST_BLOCK_MS = 15 * MINUTE_MS;
/** After as long without a failure all is forgotten. */
const FORGET_MS = 15 * MINUTE_MS;

/** What an address has failed at; times in milliseconds. `blocks`: how often it was slowed. */
export type Failures =
  | { readonly kind: 'counting'; readonly since: number; readonly count: number }
  | { readonly kind: 'slowed'; readonly until: number; readonly blocks: number };

/** How long unknown credentials of that address are not looked at; 0: they are. */
export function waitMs(failures: Failures | undefined, now: number): number {
  return failures?.kind === 'slowed' ? Math.max(0, failures.until - now) : 0;
}

/**
 * The state after one more unknown credential. More than `perMinute` slow the address; after that each further failure does,
 * for twice as long.
 */
export function afterFailure(failures: Failures | undefined, now: number, perMinute: number): Failures {
  if (failures?.kind === 'slowed') {
    if (now < failures.until) return failures;
    if (now - failures.until < FORGET_MS) return slowed(failures.blocks + 1, now);
  }
  const counting =
    failures?.kind === 'counting' && now - failures.since < MINUTE_MS ? failures : { since: now, count: 0 };
  const count = counting.count + 1;
  return count > perMinute ? slowed(1, now) : { kind: 'counting', since: counting.since, count };
}

function slowed(blocks: number, now: number): Failures {
  return { kind: 'slowed', until: now + Math.min(LONGEST_BLOCK_MS, FIRST_BLOCK_MS * 2 ** (blocks - 1)), blocks };
}

/** Addresses remembered: 3 MB. Beyond it the one that has been quiet longest is forgotten. */
const MAX_ADDRESSES = 20_000;

export interface FailureTable {
  /** Milliseconds to wait before an unknown credential of that address is looked at. */
  waitMs(address: string): number;
  /** Counts a failure; returns how long the address is slowed by this one, 0 when it is not. */
  failed(address: string): number;
  readonly size: number;
}

export function createFailureTable({
  perMinute,
  now,
  maxAddresses = MAX_ADDRESSES,
}: {
  perMinute: () => number;
  now: () => number;
  maxAddresses?: number;
}): FailureTable {
  const table = new Map<string, Failures>();
  return {
    waitMs: (address) => waitMs(table.get(networkOf(address)), now()),
    failed(address) {
      const network = networkOf(address);
      const before = table.get(network);
      const failures = afterFailure(before, now(), perMinute());
      // Taken out and put in again, so that the first is the one that has been quiet longest.
      table.delete(network);
      table.set(network, failures);
      if (table.size > maxAddresses) table.delete(table.keys().next().value!);
      return failures === before ? 0 : waitMs(failures, now());
    },
    get size() {
      return table.size;
    },
  };
}

/** What counts as one client: an IPv4 address, or the /64 of an IPv6 one, all of which one machine may use (RFC 6177). */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::') as [string, string | undefined];
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

/** The groups of one side of `::`, without leading zeros; an IPv4 address at the end takes the place of two. */
function groupsOf(side: string): string[] {
  if (side === '') return [];
  return side
    .split(':')
    .flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [Number.parseInt(group, 16).toString(16)]));
}
