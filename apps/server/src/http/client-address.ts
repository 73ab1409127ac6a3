import { BlockList, isIP } from 'node:net';

/** The address of who asks: that of the connection, or the one a trusted proxy says it forwards for. */
export type ClientAddress = (connection: string | undefined, forwardedFor: string | undefined) => string;

/**
 * Reads `X-Forwarded-For` from its end, where the proxies nearest to us wrote, and stops at the first address that is no trusted
 * proxy: what stands before it could have been written by anybody. Without trusted proxies the header counts for nothing.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return (connection = UNKNOWN) => connection;
  const isTrusted = trustedProxyMatcher(trustedProxies);
  return (connection = UNKNOWN, forwardedFor) => {
    const chain = forwardedFor?.split(',') ?? [];
    let address = connection;
    while (isTrusted(address)) {
      const before = addressIn(chain.pop());
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

/** Whether an address is one of those networks. */
export function trustedProxyMatcher(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const trusted = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string | undefined];
    const family = familyOf(address);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  // BlockList itself sees IPv4 in IPv6 (::ffff:10.0.0.1).
  return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address));
}

/** A socket that is closed already, or one of the file system. */
const UNKNOWN = 'unknown';

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The address of one item, without the port that some proxies add; undefined for what is none. */
function addressIn(item: string | undefined): string | undefined {
  const text = item?.trim() ?? '';
  const plain = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(plain) === 0 ? undefined : plain;
}
