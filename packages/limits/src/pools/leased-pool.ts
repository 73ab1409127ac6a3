import type { ExchangeReply, PoolRule } from '../stores/permit-store.ts';
import type { StoreLine } from '../stores/store-line.ts';
import { type Insurance, declared, drawn, drawnInAll, openInsurance, refilled } from './insurance.ts';
import { PRIORITIES, type Priority, batchFor, keptFor, nextDemand } from './lease.ts';

/**
 * What a pool is for. A `rate` refills, `streams` come back when they end, a `budget` never does, and a `watch` is only
 * counted: nothing is ever taken from it.
 */
export type PoolKind = 'rate' | 'streams' | 'budget' | 'watch';

export type Verdict =
  | { readonly kind: 'free' }
  /** This gateway has none in hand, and the store has not been asked. */
  | { readonly kind: 'unknown' }
  /** `waitMs`: until it is worth asking again. `away`: nobody can say, and what must not be overdrawn is not. */
  | { readonly kind: 'denied'; readonly waitMs: number; readonly away: boolean };

const FREE: Verdict = { kind: 'free' };
const UNKNOWN: Verdict = { kind: 'unknown' };

/** Where a permit was taken, for when it is settled. */
export type Source = 'lease' | 'insurance';

/** A pool as one gateway sees it: permits leased from the store in batches, taken without waiting. */
export interface LeasedPool {
  readonly kind: PoolKind;
  readonly rule: PoolRule;
  /** Whether `permits` can be taken at `now`. `insured`: the store had its time to answer. Takes nothing. */
  check(permits: number, priority: Priority, now: number, insured: boolean): Verdict;
  /** Takes what `check` found free. */
  take(permits: number, now: number, insured: boolean): Source;
  /**
   * The end of what was taken: `spent` of it is gone for good (more than was taken, even), the rest is free again. `taken` is
   * what was, whatever the capacity is by now.
   */
  settle(taken: number, spent: number, source: Source, now: number): void;
  /** Asks the store for as much as `permits` and everybody else who waits need; resolves when it has answered. */
  ask(permits: number, priority: Priority): Promise<void> | undefined;
  /** So many more permits are waited for, or fewer when below zero. */
  expect(permits: number): void;
  /** Counts what was spent without having been taken. */
  count(permits: number, now: number): void;
  /**
   * Gives back what is not used, says what was spent, renews what is in use. To be called a few times a second; true when
   * the store was asked.
   */
  tick(now: number): boolean;
  /** Permits that are left for this gateway, as far as it knows; may be a fraction. */
  left(): number;
  /** Everything goes back, at the end of the process. */
  close(): Promise<void>;
  setRule(rule: PoolRule): void;
  state(): PoolView;
}

export interface PoolView {
  /** Left for everybody when the store last said. */
  readonly available: number;
  /** In hand or in use here. */
  readonly held: number;
  /** Held by all gateways when the store last said. */
  readonly heldByAll: number;
  /** Spent, and the store does not know of it yet. */
  readonly unreported: number;
  /** Nothing held, nothing to say, nobody waiting. */
  readonly idle: boolean;
  readonly usedAt: number;
}

/** How long a batch should last. Budgets are leased for longer: while the store is away gateways spend only what they hold. */
const LEASE_MS: Record<PoolKind, number> = { rate: 200, streams: 200, budget: 10_000, watch: 0 };
/** After a denial the store is asked at most so often, however many requests come. */
const MIN_ASK_MS = 20;
/** When to ask again for what comes back only when others give it back. */
const RETRY_MS: Record<PoolKind, number> = { rate: 20, streams: 50, budget: 1_000, watch: 1_000 };
/** What was spent is said so often; it is a reply's worth of work for the store each time. */
const REPORT_MS = 500;
/** Asking ahead that brought nothing is not repeated at once. */
const MIN_AHEAD_MS = 2;
/** A shorter interval says too little about demand. */
const MIN_INTERVAL_MS = 50;

export function createLeasedPool(
  kind: PoolKind,
  initialRule: PoolRule,
  line: StoreLine,
  clock: () => number,
): LeasedPool {
  // A pool that was forgotten and is met again begins from nothing, and so as somebody else.
  const holder = line.newHolder();
  let rule = initialRule;
  /** In hand and free; below zero when more was spent than was leased. */
  let free = 0;
  /** Taken and not settled. */
  let inUse = 0;
  let spent = 0;
  let known = 0;
  let born = '';
  let available = rule.capacity;
  let heldByAll = 0;
  let heldUntil = 0;
  let exchangedAt = Number.NEGATIVE_INFINITY;
  let usedAt = clock();
  const deniedUntil = [0, 0, 0];
  /** How many permits the store must have again before a denial would be none. */
  let awaited = 0;

  /** Permits that requests wait for. */
  let waiting = 0;
  let takenSince = 0;
  let tickAt = usedAt;
  let perMs = 0;
  let inFlight: Promise<void> | undefined;
  let insurance: Insurance | undefined;
  /** What was drawn on an insurance while the store's last answer was on its way: `available` says nothing of it. */
  let undeclared = 0;

  /** A budget is never taken from without the store, so nobody has anything to tell of it. */
  const isCautious = (now: number) => now < line.cautiousUntil && kind !== 'budget';
  const clamp = (permits: number) => Math.min(permits, rule.capacity);

  function batch(now: number): number {
    const recent = takenSince / Math.max(MIN_INTERVAL_MS, now - tickAt);
    const demand = { perMs: Math.max(perMs, recent), leaseMs: LEASE_MS[kind], gateways: line.gateways };
    return batchFor({ ...demand, capacity: rule.capacity });
  }

  /** Remembers for whom nothing is left: `missing` permits were asked for by that priority and not granted. */
  function deny(priority: Priority, missing: number, reply: ExchangeReply): void {
    const now = clock();
    const { capacity, refillPerMs } = rule;
    const asked = PRIORITIES.indexOf(priority);
    const kept = keptFor(priority, capacity);
    awaited = missing + kept;
    const ownWaitMs = missing > 0 ? reply.waitMs : (kept - reply.available) / refillPerMs;
    for (const [rank, other] of PRIORITIES.entries()) {
      const keptToo = keptFor(other, capacity);
      if (rank < asked && reply.available - keptToo >= missing) continue;
      const waitMs = refillPerMs > 0 ? Math.ceil(ownWaitMs + (keptToo - kept) / refillPerMs) : RETRY_MS[kind];
      deniedUntil[rank] = now + Math.max(waitMs, MIN_ASK_MS);
    }
  }

  /** What the store has given back to others meanwhile is not here any more. */
  function lapse(now: number): void {
    if (now < heldUntil || free <= 0) return;
    free = 0;
  }

  /** `need`: what a request waits for; 0 when nothing does. */
  function begin(need: number, priority: Priority, now: number, want: number): Promise<void> | undefined {
    lapse(now);
    const toFold = insurance && kind === 'rate' ? drawnInAll(refilled(insurance, now)) : 0;
    const hold = free + inUse;
    const kept = keptFor(priority, rule.capacity);
    const said = spent + toFold;
    const request = {
      holder,
      held: Math.max(0, hold),
      spent: said,
      known,
      born: rule.rememberUntil === undefined ? '' : born,
      want,
      need: Math.min(need, want),
      keep: kept,
    };
    exchangedAt = now;
    const answered = (reply: ExchangeReply | undefined) => {
      inFlight = undefined;
      if (!reply) return;
      known = said;
      // Some may have been taken from it since.
      const drawnOf = insurance && kind === 'rate' ? Math.max(toFold, drawnInAll(insurance)) : toFold;
      undeclared = drawnOf - toFold;
      if (insurance && isCautious(clock())) {
        spent += toFold;
        insurance = declared(insurance, undeclared);
      } else {
        spent += drawnOf;
        insurance = undefined;
      }
      if (hold < 0) free -= hold;
      free += reply.granted;
      ({ available, heldByAll, born } = reply);
      heldUntil = now + rule.holdMs;
      // What was reserved and not used has come back, sooner than it would have refilled.
      if (available >= awaited) deniedUntil.fill(0);
      const missing = Math.max(0, request.need - reply.granted);
      if (need > 0 && (missing > 0 || available < kept)) deny(priority, missing, reply);
    };
    const reply = line.exchange(rule, request);
    if (!(reply instanceof Promise)) {
      answered(reply);
      return undefined;
    }
    inFlight = reply.then(answered);
    return inFlight;
  }

  function checkInsured(permits: number, priority: Priority, now: number): Verdict {
    if (kind === 'budget') return { kind: 'denied', waitMs: RETRY_MS.budget, away: true };
    const { gateways } = line;
    if (kind === 'streams') {
      const share = Math.max(1, Math.floor(rule.capacity / gateways));
      return inUse + permits <= share ? FREE : { kind: 'denied', waitMs: RETRY_MS.streams, away: true };
    }
    insurance = insurance ? refilled(insurance, now) : openInsurance({ ...rule, available, gateways, undeclared }, now);
    const needed = Math.min(permits, insurance.capacity) + keptFor(priority, insurance.capacity);
    if (insurance.level >= needed) return FREE;
    return { kind: 'denied', waitMs: Math.ceil((needed - insurance.level) / insurance.refillPerMs), away: true };
  }

  function hasInHand(permits: number, priority: Priority): boolean {
    return free >= permits && (priority === 'manual' || available >= keptFor(priority, rule.capacity));
  }

  return {
    kind,
    get rule() {
      return rule;
    },
    check(wished, priority, now, insured) {
      const permits = clamp(wished);
      lapse(now);
      if (hasInHand(permits, priority)) return FREE;
      if (insured || line.away || isCautious(now)) return checkInsured(permits, priority, now);
      const until = deniedUntil[PRIORITIES.indexOf(priority)]!;
      return now < until ? { kind: 'denied', waitMs: Math.ceil(until - now), away: false } : UNKNOWN;
    },
    take(wished, now, insured) {
      const permits = clamp(wished);
      usedAt = now;
      takenSince += permits;
      if (free < permits && (insured || line.away || isCautious(now))) {
        if (kind === 'streams') inUse += permits;
        else if (insurance) insurance = drawn(insurance, permits);
        return 'insurance';
      }
      free -= permits;
      inUse += permits;
      const next = batch(now);
      const low = next > 1 && free < next / 2 && !inFlight && !line.away && !isCautious(now);
      if (low && now - exchangedAt >= MIN_AHEAD_MS) void begin(0, 'speculative', now, next - free);
      return 'lease';
    },
    settle(taken, used, source, now) {
      usedAt = now;
      if (source === 'insurance' && kind !== 'streams') {
        if (insurance) insurance = drawn(refilled(insurance, now), used - taken);
        else spent += used - taken;
        return;
      }
      inUse -= taken;
      spent += used;
      if (source === 'lease') free += taken - used;
    },
    ask(wished, priority) {
      if (inFlight) return inFlight;
      const now = clock();
      const need = Math.max(clamp(wished), Math.min(waiting, rule.capacity));
      const want = Math.max(0, need, batch(now)) - free;
      return begin(Math.max(1, clamp(wished) - free), priority, now, Math.max(0, want));
    },
    expect(permits) {
      waiting += permits;
    },
    count(permits, now) {
      usedAt = now;
      spent += permits;
      free -= permits;
    },
    tick(now) {
      perMs = nextDemand(perMs, takenSince, now - tickAt);
      const wasUsed = takenSince > 0;
      takenSince = 0;
      tickAt = now;
      lapse(now);
      if (line.away || inFlight) return false;
      const spare = Math.max(0, free - (wasUsed ? 2 * batch(now) : 0));
      free -= spare;
      const holds = free + inUse > 0;
      const sinceMs = now - exchangedAt;
      const hasNews = insurance !== undefined || (spent !== known && sinceMs >= REPORT_MS);
      const due = spare > 0 || hasNews || (holds && sinceMs > rule.holdMs / 3);
      if (due) void begin(0, 'manual', now, 0);
      return due;
    },
    left: () => (insurance ? insurance.level : Math.max(0, available) + Math.max(0, free)),
    async close() {
      await inFlight;
      free = Math.min(0, free);
      if (line.away || (spent === known && free + inUse === 0 && heldUntil === 0)) return;
      await begin(0, 'manual', clock(), 0);
    },
    setRule(next) {
      available += next.capacity - rule.capacity;
      rule = next;
    },
    state: () => ({
      available,
      held: free + inUse,
      heldByAll,
      unreported: spent - known,
      idle: free + inUse <= 0 && spent === known && waiting === 0 && !inFlight && insurance === undefined,
      usedAt,
    }),
  };
}
