import { randomUUID } from 'node:crypto';
import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { Verdict } from './pools/leased-pool.ts';
import { type Entry, type Plan, createPlans, permitsOf } from './pools/plans.ts';
import type { PlannedPool } from './pools/pool-plan.ts';
import { type RateLimitHeaders, stateHeader } from './rate-limit-headers.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { Ask, BudgetSettings, LimitSettings, Principal, StopRules } from './settings.ts';
import { type Used, createSpendingRules } from './spending/spending-rules.ts';
import type { Stop, StopBoard } from './spending/stops.ts';
import type { PermitStore } from './stores/permit-store.ts';
import { STORE_DEADLINE_MS, createStoreLine } from './stores/store-line.ts';

/** What a request may cost: anything, by the cheapest model, or nothing at all (caches and the embedded model). */
export type Spend = 'any' | 'cheapest' | 'nothing';

/** Why a request may not cost what it otherwise would. */
export type Saving =
  | { readonly kind: 'stopped'; readonly stop: Stop }
  | { readonly kind: 'budget-spent'; readonly pool: PlannedPool }
  /** Nobody can say what is left of the budget. */
  | { readonly kind: 'budget-unknown'; readonly pool: PlannedPool }
  | { readonly kind: 'budget-low'; readonly pool: PlannedPool; readonly usedShare: number };

export interface Ticket {
  readonly spend: Spend;
  readonly saving: Saving | undefined;
  /** Undefined when nothing is limited. */
  headers(): RateLimitHeaders | undefined;
  /** At the end, once: what was really used. Whatever was reserved beyond that is free again. */
  settle(used: Used): void;
}

export type Admission = { readonly kind: 'admitted'; readonly ticket: Ticket } | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  readonly headers: RateLimitHeaders | undefined;
}

export interface LimiterSettings {
  readonly limits: LimitSettings;
  readonly budgets: BudgetSettings;
  readonly stopWhen: StopRules;
}

export interface LimiterOptions {
  readonly store: PermitStore;
  readonly stops: StopBoard;
  readonly settings: LimiterSettings;
  /** The store went away (with the reason) or is back (without). */
  readonly onStoreChange?: (reason: string | undefined) => void;
  /** For the first time on this gateway, a budget is being saved, or is spent. */
  readonly onBudget?: (saving: Extract<Saving, { readonly kind: 'budget-low' | 'budget-spent' }>) => void;
  /** A request waited so long for the store. */
  readonly onWait?: (ms: number) => void;
  readonly holder?: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Unix ms. */
  readonly date?: () => number;
  readonly setTimer?: SetTimer;
}

export interface Limiter {
  /** From all pools or from none. A promise only when the store must be asked, and then for 5 ms at most. */
  admit(principal: Principal, ask: Ask): Admission | Promise<Admission>;
  /** What is known already: the refusal that any request of this principal would meet now. Takes nothing. */
  glance(principal: Principal): Refused | undefined;
  /** New settings; what was taken stays taken. */
  reconfigure(settings: LimiterSettings): void;
  /** Begins to keep up with the store: leases, heartbeat, stops. */
  start(): void;
  /** One step of that, as `start` does it every 50 ms. */
  step(): void;
  /** The heartbeat, and what is stopped, as `start` reads them every second. */
  beat(): Promise<void>;
  /** Gives everything back; rejects never. */
  close(): Promise<void>;
  state(): LimiterState;
}

export interface LimiterState {
  readonly away: boolean;
  readonly gateways: number;
  readonly pools: number;
}

const DEFAULT_SOFT = 0.8;
const STEP_MS = 50;
const BEAT_MS = 1_000;
const SWEEP_MS = 15_000;
/** So often others may be first to take what the store has just granted. */
const MAX_ROUNDS = 16;
/** Budgets of which it is remembered that somebody was told. */
const MAX_SAID = 10_000;

/** A request that wants to be admitted, and whether it may cost something. */
interface Applicant {
  readonly plan: Plan;
  readonly principal: Principal;
  readonly ask: Ask;
  readonly saving: Saving | undefined;
}

interface Obstacle {
  readonly entry: Entry;
  readonly denied: Extract<Verdict, { kind: 'denied' }>;
}

export function createLimiter(options: LimiterOptions): Limiter {
  const { store, stops, holder = randomUUID(), setTimer = backgroundTimer } = options;
  const { now = () => performance.now(), date = Date.now } = options;
  const { onStoreChange = () => {}, onBudget = () => {}, onWait = () => {} } = options;
  let { settings } = options;
  const line = createStoreLine({ store, holder, now, setTimer, onChange: onStoreChange });
  const plans = createPlans(settings, { line, now, date });
  const { stopWhen } = settings;
  const rules = createSpendingRules({ rules: stopWhen, pool: plans.pool, stop: (stop) => void stops.stop(stop), date });
  /** Budgets somebody was told about, by pool and what was said. */
  const said = new Set<string>();
  const running: (() => void)[] = [];

  function admit(principal: Principal, ask: Ask): Admission | Promise<Admission> {
    const at = now();
    const plan = plans.of(principal, at);
    const stop = stops.covering(principal, date());
    const applicant: Applicant = { plan, principal, ask, saving: stop && { kind: 'stopped', stop } };
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const decided = decide(applicant, at, false);
      if (decided) return decided;
      const answers = askStore(applicant);
      // A store in this process has answered already.
      if (answers.length > 0) return admitLater(applicant, at, answers);
    }
    return decide(applicant, at, true)!;
  }

  /** Undefined when the store must be asked first. */
  function decide(applicant: Applicant, at: number, insured: boolean): Admission | undefined {
    const { ask } = applicant;
    const found = examine(entriesFor(applicant), ask, at, insured);
    if (found === undefined) return admitted(applicant, at, insured);
    if (found === 'unknown') return undefined;
    const { entry, denied } = found;
    if (entry.pool.kind === 'budget' && ask.trigger !== 'speculative') {
      const { planned } = entry;
      if (!denied.away) sayOnce({ kind: 'budget-spent', pool: planned });
      if (denied.away || settings.budgets.hard !== 'refuse') {
        const kind = denied.away ? 'budget-unknown' : 'budget-spent';
        return decide({ ...applicant, saving: { kind, pool: planned } }, at, insured);
      }
    }
    return refused(applicant, found, at, insured);
  }

  async function admitLater(applicant: Applicant, began: number, asked: Promise<void>[]): Promise<Admission> {
    const entries = entriesFor(applicant);
    let answers = asked;
    let late = false;
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const cancel = setTimer(() => {
      late = true;
      resolve();
    }, STORE_DEADLINE_MS);
    // The rules may be others by then.
    const expected = entries.map((entry) => permitsOf(entry, applicant.ask));
    for (const [index, { pool }] of entries.entries()) pool.expect(expected[index]!);
    try {
      for (let round = 0; ; round++) {
        await Promise.race([Promise.all(answers), deadline]);
        const at = now();
        late ||= at - began >= STORE_DEADLINE_MS || round === MAX_ROUNDS;
        const known = decide(applicant, at, false);
        if (!known && late) line.waitedInVain(began);
        const decided = known ?? (late ? decide(applicant, at, true) : undefined);
        if (decided) {
          onWait(at - began);
          return decided;
        }
        answers = askStore(applicant);
      }
    } finally {
      cancel();
      for (const [index, { pool }] of entries.entries()) pool.expect(-expected[index]!);
    }
  }

  /** Asks about every pool that nothing is known of; what is to be waited for. */
  function askStore(applicant: Applicant): Promise<void>[] {
    const { ask } = applicant;
    const at = now();
    const answers: Promise<void>[] = [];
    for (const entry of entriesFor(applicant)) {
      const permits = permitsOf(entry, ask);
      if (entry.pool.check(permits, ask.trigger, at, false).kind !== 'unknown') continue;
      const answer = entry.pool.ask(permits, ask.trigger);
      if (answer) answers.push(answer);
    }
    return answers;
  }

  function refused({ plan, ask }: Applicant, { entry, denied }: Obstacle, at: number, insured: boolean): Admission {
    const { planned, pool } = entry;
    const kept = ask.trigger !== 'manual' && pool.check(permitsOf(entry, ask), 'manual', at, insured).kind === 'free';
    const forOthers =
      ask.trigger === 'speculative' &&
      (pool.kind === 'budget' || pool.check(permitsOf(entry, ask), 'automatic', at, insured).kind !== 'denied');
    const refusal = refusalOf(planned, { waitMs: denied.waitMs, kept }, forOthers, date());
    return { kind: 'refused', refusal, headers: headersOf(plan, entry) };
  }

  function admitted(applicant: Applicant, at: number, insured: boolean): Admission {
    const { plan, principal, ask, saving } = applicant;
    const low = saving ? undefined : lowBudget(plan);
    if (low && ask.trigger === 'speculative') {
      const refusal = refusalOf(low.pool, { waitMs: BEAT_MS, kept: true }, true, date());
      return { kind: 'refused', refusal, headers: headersOf(plan) };
    }
    const entries = entriesFor(applicant);
    let foreign: Entry[] | undefined;
    /** By entry: the rules may be others when it is settled. */
    const taken: number[] = [];
    for (const entry of entries) {
      const permits = permitsOf(entry, ask);
      taken.push(permits);
      const source = entry.pool.take(permits, at, insured);
      // A request is spent when it is made; what it uses is known at its end.
      if (entry.planned.limit === 'requestsPerMinute') entry.pool.settle(permits, permits, source, at);
      else if (source === 'insurance') (foreign ??= []).push(entry);
    }
    let open = true;
    return {
      kind: 'admitted',
      ticket: {
        spend: saving ? 'nothing' : low ? 'cheapest' : 'any',
        saving: saving ?? low,
        headers: () => headersOf(plan),
        settle(used) {
          if (!open) return;
          open = false;
          const end = now();
          for (const [index, entry] of entries.entries()) {
            if (entry.planned.limit === 'requestsPerMinute') continue;
            const source = foreign?.includes(entry) ? 'insurance' : 'lease';
            entry.pool.settle(taken[index]!, usedOf(entry, used), source, end);
          }
          if (saving) countUnasked(plan, used, end);
          if (used.cost > 0) for (const { pool } of plan.watches) pool.count(used.cost, end);
          rules.spent(principal, used, end);
        },
      },
    };
  }

  function lowBudget(plan: Plan): Extract<Saving, { kind: 'budget-low' }> | undefined {
    const { soft = DEFAULT_SOFT } = settings.budgets;
    for (const { planned, pool } of plan.budgets) {
      const usedShare = planned.amount > 0 ? 1 - pool.left() / planned.amount : 1;
      if (usedShare < soft) continue;
      const saving = { kind: 'budget-low', pool: planned, usedShare } as const;
      sayOnce(saving);
      return saving;
    }
    return undefined;
  }

  function sayOnce(saving: Extract<Saving, { kind: 'budget-low' | 'budget-spent' }>): void {
    const { slot, name } = saving.pool.rule;
    const key = `${saving.kind}\n${slot}\n${name}`;
    if (said.has(key)) return;
    if (said.size >= MAX_SAID) said.clear();
    said.add(key);
    onBudget(saving);
  }

  function step(): void {
    plans.step(now());
    rules.check(stops.all(date()).find(({ scope }) => scope.kind === 'everything'));
  }

  async function beat(): Promise<void> {
    await Promise.all([line.beat(), stops.poll()]);
  }

  function every(ms: number, run: () => void): void {
    const again = (): (() => void) =>
      setTimer(() => {
        run();
        cancel = again();
      }, ms);
    let cancel = again();
    running.push(() => cancel());
  }

  return {
    admit,
    glance(principal) {
      const at = now();
      const plan = plans.of(principal, at);
      for (const entry of plan.entries) {
        if (entry.planned.limit !== 'requestsPerMinute') continue;
        const denied = entry.pool.check(1, 'manual', at, false);
        if (denied.kind !== 'denied') continue;
        const refusal = refusalOf(entry.planned, { waitMs: denied.waitMs, kept: false }, false, date());
        return { kind: 'refused', refusal, headers: headersOf(plan, entry) };
      }
      return undefined;
    },
    reconfigure(next) {
      settings = next;
      plans.reconfigure(next);
      rules.follow(next.stopWhen);
    },
    start() {
      void beat();
      every(STEP_MS, step);
      every(BEAT_MS, () => void beat());
      every(SWEEP_MS, () => plans.sweep(now()));
    },
    step,
    beat,
    async close() {
      for (const stop of running.splice(0)) stop();
      await plans.close();
    },
    state: () => ({ away: line.away, gateways: line.gateways, pools: plans.size() }),
  };
}

function entriesFor({ plan, saving }: Applicant): readonly Entry[] {
  return saving ? plan.thrifty : plan.entries;
}

/** The first pool that has nothing, or else whether some must be asked about. */
function examine(entries: readonly Entry[], ask: Ask, at: number, insured: boolean): Obstacle | 'unknown' | undefined {
  let unknown = false;
  for (const entry of entries) {
    const verdict = entry.pool.check(permitsOf(entry, ask), ask.trigger, at, insured);
    if (verdict.kind === 'denied') return { entry, denied: verdict };
    if (verdict.kind === 'unknown') unknown = true;
  }
  return unknown ? 'unknown' : undefined;
}

/** What should have cost nothing and did all the same is counted. */
function countUnasked({ entries }: Plan, used: Used, at: number): void {
  for (const entry of entries) {
    const amount = entry.unit === 'one' ? 0 : usedOf(entry, used);
    if (amount > 0) entry.pool.count(amount, at);
  }
}

function usedOf({ planned, unit }: Entry, used: Used): number {
  return planned.kind === 'streams' ? 0 : unit === 'cost' ? used.cost : used.tokens;
}

/** The state of `nearest`, or else of the pool of which the least is left. */
function headersOf(plan: Plan, nearest?: Entry): RateLimitHeaders | undefined {
  if (plan.policy === '') return undefined;
  let tightest = nearest && nearest.unit !== 'cost' ? nearest : undefined;
  if (!tightest) {
    let least = Number.POSITIVE_INFINITY;
    for (const entry of plan.entries) {
      if (entry.unit === 'cost') continue;
      const share = entry.pool.left() / entry.pool.rule.capacity;
      if (share >= least) continue;
      least = share;
      tightest = entry;
    }
  }
  return tightest && { policy: plan.policy, state: stateHeader(tightest.planned, tightest.pool) };
}
