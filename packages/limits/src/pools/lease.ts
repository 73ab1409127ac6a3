import type { Trigger } from '@ghostline/protocol';

/** Who goes first when a pool runs low. The first may use the last permit. */
export const PRIORITIES = ['manual', 'automatic', 'speculative'] as const satisfies readonly Trigger[];
export type Priority = (typeof PRIORITIES)[number];

/** The share of a pool that is left for those who go first. */
const KEPT_SHARE: Record<Priority, number> = { manual: 0, automatic: 0.05, speculative: 0.2 };

/** How many permits of a pool of `capacity` a request of this priority must leave; whole ones, so small pools keep none. */
export function keptFor(priority: Priority, capacity: number): number {
  return Math.floor(capacity * KEPT_SHARE[priority]);
}

export interface Demand {
  /** Permits per ms. */
  readonly perMs: number;
  /** How long a batch should last. */
  readonly leaseMs: number;
  readonly capacity: number;
  readonly gateways: number;
}

/**
 * How many permits to lease at a time: as many as are used in `leaseMs`, one when there is little demand, and never more
 * than a quarter of this gateway's share, so that what lies about unused is a small part of the pool.
 */
export function batchFor({ perMs, leaseMs, capacity, gateways }: Demand): number {
  const share = capacity / (4 * gateways);
  return Math.max(1, Math.floor(Math.min(perMs * leaseMs, share)));
}

/** The demand after an interval in which `taken` permits were used: half of it is news. */
export function nextDemand(perMs: number, taken: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? perMs : (perMs + taken / elapsedMs) / 2;
}
