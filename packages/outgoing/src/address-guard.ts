import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';

/** Where something that is configured may be. */
export interface AddressRules {
  /** False: not on this machine, nor in a private network, whatever its name resolves to. Default true: GPUs are private. */
  readonly allowPrivate?: boolean | undefined;
}

export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'ERR_ADDRESS_REFUSED';
}

/**
 * Nothing that is asked for is there, but the credentials of a cloud's machine are: link-local addresses, where all clouds have
 * their metadata service, and what some have besides (AWS and GCP over IPv6, Alibaba, Azure, Oracle); the same through NAT64
 * (RFC 6052) and 6to4.
 */
const NEVER = blockList(
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['fd20:ce::254', 128, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
);

/** https://www.iana.org/assignments/iana-ipv4-special-registry and its sibling for IPv6: what is not on the internet. */
const PRIVATE = blockList(
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
);

function blockList(...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits, family] of subnets) list.addSubnet(address, bits, family);
  return list;
}

/** Why nobody connects to `host` when it is an address; undefined when one may, and for names, which are looked up first. */
export function addressRefusal(host: string, { allowPrivate = true }: AddressRules = {}): string | undefined {
  const address = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 0) return undefined;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (NEVER.check(address, family))
    return `${address} is a link-local, metadata or multicast address, where nothing is that could be meant`;
  if (!allowPrivate && PRIVATE.check(address, family))
    return `${address} is a private address, and allowPrivate is false`;
  return undefined;
}

type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * What a name resolves to when a connection is made, without the addresses that are refused: what was checked before may be
 * another one by then (DNS rebinding).
 */
export function guardedLookup(rules: AddressRules, resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const allowed = addresses.filter(({ address }) => addressRefusal(address, rules) === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const reason = addressRefusal(addresses[0]?.address ?? '', rules) ?? 'nothing';
        return done(new AddressRefusedError(`${hostname} resolves to an address that is refused: ${reason}`), []);
      }
      if (options.all) return done(null, allowed);
      return done(null, first.address, first.family);
    });
  };
}
