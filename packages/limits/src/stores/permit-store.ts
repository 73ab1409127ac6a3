/** A pool of permits as every gateway describes it; the store remembers only what was taken from it. */
export interface PoolRule {
  /** Pools of one slot lie together (one Redis Cluster slot): an organisation's, or those of everybody. */
  readonly slot: string;
  /** Unique within its slot. */
  readonly name: string;
  /** Whole permits. */
  readonly capacity: number;
  /** Permits that come back by themselves; 0 where they come back only when they are returned, or never. */
  readonly refillPerMs: number;
  /** How long the store waits for a word of a holder before its permits go back, in ms. */
  readonly holdMs: number;
  /** Unix time in ms until which it must be remembered what was spent; absent where it refills. */
  readonly rememberUntil?: number;
}

/**
 * What a holder has of a pool, in absolute numbers: saying it twice, or not hearing the answer, changes nothing. Whatever it
 * held before and neither holds nor has spent goes back.
 */
export interface ExchangeRequest {
  /** Unique for the life of a process. */
  readonly holder: string;
  /** Permits it has in hand or in use now. */
  readonly held: number;
  /** All it has ever spent of this pool. */
  readonly spent: number;
  /** As much of that as the store has answered for: what it starts from when it knows nothing of this holder. */
  readonly known: number;
  /** The life of the pool the holder last heard of; when the store has lost it, everything spent is counted again. */
  readonly born: string;
  readonly want: number;
  /** How many it cannot do without, for `waitMs`. */
  readonly need: number;
  /** How many must be left for others after the grant. */
  readonly keep: number;
}

export interface ExchangeReply {
  /** Held by the holder from now on: `want`, or as many of it as there are. */
  readonly granted: number;
  /** Left in the pool; below zero when more was spent than there was. */
  readonly available: number;
  /** Until `need` permits are there, in ms; 0 when they were granted, -1 when they do not come back by themselves. */
  readonly waitMs: number;
  /** Held by all holders together, this one included. */
  readonly heldByAll: number;
  readonly born: string;
}

/** Where pools are kept. */
export interface PermitStore {
  /** Rejects when the store is away. A store in this process answers at once. */
  exchange(rule: PoolRule, request: ExchangeRequest): ExchangeReply | Promise<ExchangeReply>;
  /** Says that a gateway lives; returns how many have said so within the last ten seconds. */
  beat(holder: string): number | Promise<number>;
}

/** A gateway that has not been heard of for so long has gone. */
export const GATEWAY_GONE_MS = 10_000;
