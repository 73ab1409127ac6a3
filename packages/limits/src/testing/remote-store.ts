import type { ManualClock } from '@ghostline/clock/testing';
import type { PermitStore } from '../stores/permit-store.ts';

export interface RemoteStore extends PermitStore {
  /** How the store behaves from now on. `silent`: it takes everything in and never answers. */
  condition:
    | { readonly kind: 'here'; readonly latencyMs: number }
    | { readonly kind: 'refusing' }
    | { readonly kind: 'silent' };
  /** Calls it has received. */
  readonly calls: number;
}

/** A store behind a network that a test can slow down or cut. */
export function createRemoteStore(store: PermitStore, clock: ManualClock): RemoteStore {
  let calls = 0;
  const remote: RemoteStore = {
    condition: { kind: 'here', latencyMs: 0.2 },
    get calls() {
      return calls;
    },
    exchange: (rule, request) => carried(() => store.exchange(rule, request)),
    beat: (holder) => carried(() => store.beat(holder)),
  };

  function carried<T>(run: () => T | Promise<T>): Promise<T> {
    calls += 1;
    const { condition } = remote;
    if (condition.kind === 'refusing') return Promise.reject(new Error('the connection was closed'));
    if (condition.kind === 'silent') return new Promise(() => {});
    const onTheWay = (arrive: () => void) => clock.setTimer(arrive, condition.latencyMs / 2);
    return new Promise((resolve, reject) => {
      onTheWay(() => {
        try {
          const answer = run();
          onTheWay(() => resolve(answer));
        } catch (error) {
          onTheWay(() => reject(error as Error));
        }
      });
    });
  }

  return remote;
}
