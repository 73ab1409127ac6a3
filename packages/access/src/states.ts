import type { ComponentState } from '@ghostline/protocol';
import type { KeyFollower } from './keys/follow.ts';
import type { Issuer } from './oidc/issuer.ts';

const OK: ComponentState = { state: 'ok' };

/** How the stores of keys are, in sentences that say what goes on nevertheless. */
export function keysState(followers: readonly Pick<KeyFollower, 'name' | 'state'>[]): ComponentState {
  return together(
    followers.flatMap(({ name, state }) => {
      const now = state();
      if (now.kind === 'unread' && now.reason === undefined) return [];
      if (now.kind === 'unread') return [`${name} cannot be read (${now.reason}): keys in it are not known here`];
      if (now.kind === 'away') {
        const since = new Date(now.since).toISOString();
        return [`${name} is away (${now.reason}): keys go on as they were at ${since}, later changes do not count yet`];
      }
      if (now.foreign === 0) return [];
      return [`${name} has ${now.foreign} entries of a newer version, which this one does not know: update it`];
    }),
  );
}

export function issuersState(issuers: readonly Pick<Issuer, 'name' | 'state'>[]): ComponentState {
  return together(
    issuers.flatMap(({ name, state }) => {
      const now = state();
      if (now.kind !== 'away') return [];
      const effect = now.keys
        ? 'tokens signed with its known keys go on working'
        : 'its tokens cannot be verified until it answers';
      return [`${name} is away (${now.reason}): ${effect}`];
    }),
  );
}

function together(troubles: readonly string[]): ComponentState {
  return troubles.length === 0 ? OK : { state: 'degraded', detail: troubles.join('; ') };
}
