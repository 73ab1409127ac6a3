import type { SetTimer } from '@ghostline/clock';
import { type GatewayCount, ONE_GATEWAY, afterCount } from '../pools/gateway-count.ts';
import type { ExchangeReply, ExchangeRequest, PermitStore, PoolRule } from './permit-store.ts';
import { HERE, type StoreBreaker, afterAnswer, afterFailure } from './store-breaker.ts';

/**
 * How long a request waits for the store: thirty times what Redis takes in the same data centre, and nothing that can be
 * felt before a completion.
 */
export const STORE_DEADLINE_MS = 5;
/** An answer is of use for so long: later, demand is another one, and what was granted goes back by itself. */
const ABANDON_MS = 250;
/** For so long after it is back others tell the store what they did without it: a heartbeat apart, and a step to look after a pool. */
const CAUTION_MS = 1_500;
/** A timer that is so late says that this process was busy, not that the store is slow. */
const OWN_LAG_MS = 10;

/** A gateway's connection to the permit store, with the state of that. */
export interface StoreLine {
  /** True while the store is left alone, but for the heartbeat. */
  readonly away: boolean;
  /**
   * Until then, in ms of the clock, the store is told what happened while it was away and asked for nothing: others who were
   * away from it may not have told it yet.
   */
  readonly cautiousUntil: number;
  /** How many gateways there are, as far as the store has said; at least this one. */
  readonly gateways: number;
  /** A name for what holds permits of this gateway, never given twice. */
  newHolder(): string;
  /** Undefined when it failed or took too long; the caller then states the same again another time. */
  exchange(rule: PoolRule, request: ExchangeRequest): ExchangeReply | undefined | Promise<ExchangeReply | undefined>;
  /** A request has waited from `began` until now for an answer. */
  waitedInVain(began: number): void;
  /** Says that this gateway lives, and finds out whether the store does. */
  beat(): Promise<void>;
}

export interface StoreLineOptions {
  readonly store: PermitStore;
  readonly holder: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** Called when the store goes away (with the reason) and when it is back (without). */
  readonly onChange?: (reason: string | undefined) => void;
}

export function createStoreLine({ store, holder, now, setTimer, onChange = () => {} }: StoreLineOptions): StoreLine {
  let breaker: StoreBreaker = HERE;
  let count: GatewayCount = ONE_GATEWAY;
  let holders = 0;
  let beating = false;
  let cautiousUntil = Number.NEGATIVE_INFINITY;

  function become(next: StoreBreaker, reason?: string): void {
    const changed = next.kind !== breaker.kind;
    if (changed && next.kind === 'here') cautiousUntil = now() + CAUTION_MS;
    breaker = next;
    if (changed) onChange(next.kind === 'away' ? reason : undefined);
  }
  const failed = (began: number, reason: string) => become(afterFailure(breaker, began, now()), reason);

  /** The answer, or undefined when there is none within ABANDON_MS. */
  async function answerOf<T>(asked: Promise<T>, heartbeat: boolean): Promise<T | undefined> {
    const began = now();
    const { promise: abandoned, resolve: abandon } = Promise.withResolvers<undefined>();
    const cancel = setTimer(() => {
      if (now() - began < ABANDON_MS + OWN_LAG_MS) failed(began, 'it does not answer in time');
      abandon(undefined);
    }, ABANDON_MS);
    try {
      const answer = await Promise.race([asked, abandoned]);
      // Later than that it is of use still, and no sign of health.
      if (answer !== undefined && now() - began < STORE_DEADLINE_MS + OWN_LAG_MS) {
        become(afterAnswer(breaker, heartbeat));
      }
      return answer;
    } catch (error) {
      failed(began, error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      cancel();
    }
  }

  return {
    get away() {
      return breaker.kind === 'away';
    },
    get cautiousUntil() {
      return cautiousUntil;
    },
    get gateways() {
      return count.gateways;
    },
    newHolder: () => `${holder}:${(holders += 1)}`,
    exchange(rule, request) {
      if (breaker.kind === 'away') return undefined;
      const asked = store.exchange(rule, request);
      return asked instanceof Promise ? answerOf(asked, false) : asked;
    },
    waitedInVain(began) {
      const waited = now() - began;
      if (waited < STORE_DEADLINE_MS + OWN_LAG_MS) failed(began, 'it does not answer in time');
    },
    async beat() {
      if (beating) return;
      beating = true;
      const asked = store.beat(holder);
      const answer = asked instanceof Promise ? await answerOf(asked, true) : asked;
      if (answer !== undefined) count = afterCount(count, answer, now());
      beating = false;
    },
  };
}
