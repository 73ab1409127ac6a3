import type { RegionsResponse } from '@ghostline/protocol';

type Listed = RegionsResponse['regions'][number];

/** Another region that requests may go to. */
export interface TrustedRegion {
  readonly name: string;
  readonly url: string;
  readonly health: Listed['health'];
}

export interface TrustedList {
  /** How the configured server calls its own region, and how it is. */
  readonly home: { readonly name: string; readonly health: Listed['health'] } | undefined;
  readonly others: readonly TrustedRegion[];
  /** Why a region of the list is not used, as whole sentences. */
  readonly refused: readonly string[];
}

/** More than any cloud has; each costs a look now and then. */
const MOST_REGIONS = 16;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Of the regions that the server at `homeUrl` names, those that may get code and key. Whoever can change what a server
 * says must not send them elsewhere: a list is believed when it came over TLS or from this machine, and never leads
 * from there to a connection that others can read, or from another machine to a port of this one.
 */
export function trustedRegions(homeUrl: string, listed: readonly Listed[]): TrustedList {
  const home = URL.parse(homeUrl);
  const others = new Map<string, TrustedRegion>();
  const refused: string[] = [];
  let own: TrustedList['home'];
  if (!home) return { home: undefined, others: [], refused };
  const isLocal = isLoopback(home);
  const believed = home.protocol === 'https:' || isLocal;

  for (const { name, url, health } of listed) {
    if (!NAME.test(name)) continue;
    const target = url === null ? undefined : URL.parse(url);
    if (url === null || (target && addressOf(target) === addressOf(home))) {
      own ??= { name, health };
      continue;
    }
    // Another way to the region that answered.
    if (name === own?.name) continue;
    const why =
      !target || target.username !== '' || target.password !== '' ? 'its address is not a plain URL' : refusal(target);
    if (why !== undefined) refused.push(`Region ${name} is not used: ${why}.`);
    else if (target && !others.has(name) && others.size < MOST_REGIONS)
      others.set(name, { name, url: addressOf(target), health });
  }
  return { home: own, others: [...others.values()], refused };

  function refusal(target: URL): string | undefined {
    if (!believed) return 'the server that names it is not asked over https, so the list may be somebody else’s';
    if (target.protocol !== 'https:' && !(target.protocol === 'http:' && isLoopback(target)))
      return 'it is not reached over https';
    if (isLoopback(target) && !isLocal) return 'it is an address of this machine';
    return undefined;
  }
}

/** The URL without what does not belong to a base. */
function addressOf({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/+$/, '');
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
