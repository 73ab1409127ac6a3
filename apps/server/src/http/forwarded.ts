import type { Context } from 'hono';
import { type AppEnv, connectionOf } from './app-env.ts';
import { isLoopback } from './loopback.ts';
import type { ServiceCheck } from './service-check.ts';

/** What proxies, load balancers and tunnels add to what they forward, in small letters. No editor, browser or command sends any. */
const FORWARDING = new Set([
  'via',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-original-forwarded-for',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'true-client-ip',
  'client-ip',
  'fastly-client-ip',
  'fly-client-ip',
]);
const FORWARDING_FAMILIES = /^(?:x-forwarded|x-envoy|x-arr|x-azure|x-appengine|x-vercel|cf)-/;
/** With these all of the above begin: most headers are told apart by two letters. */
const BEGINNINGS = new Set(['vi', 'fo', 'fa', 'fl', 'x-', 'tr', 'cl', 'cf'].map(beginningOf));

/**
 * How it shows that somebody else sent this than whoever connected; undefined when nothing shows it. A header that says so, or
 * HTTP/1.0: nginx spoke that by itself until 1.29.7, with nothing in it that is not this machine's, and clients have not for
 * twenty years. Since then only the account it runs under is left to tell it.
 */
export function signOfForwarding(c: Context<AppEnv>): string | undefined {
  const incoming = c.env?.incoming;
  if (incoming && incoming.httpVersionMajor === 1 && incoming.httpVersionMinor === 0) return 'it came as HTTP/1.0';
  const header = incoming?.rawHeaders
    ? forwardingHeader(incoming.rawHeaders, 2)
    : forwardingHeader([...c.req.raw.headers.keys()], 1);
  return header && `it has the header ${header}`;
}

function forwardingHeader(names: readonly string[], step: number): string | undefined {
  for (let at = 0; at < names.length; at += step) {
    const name = names[at]!;
    if (!BEGINNINGS.has(beginningOf(name))) continue;
    const small = name.toLowerCase();
    if (FORWARDING.has(small) || FORWARDING_FAMILIES.test(small)) return small;
  }
  return undefined;
}

/** The first two letters, whether small or capital, as a number. */
function beginningOf(name: string): number {
  return ((name.charCodeAt(0) | 0x20) << 8) | (name.charCodeAt(1) | 0x20);
}

/** Whether a process of this machine asks for itself, as far as it shows. */
export async function isFromThisMachine(c: Context<AppEnv>, isService: ServiceCheck): Promise<boolean> {
  return (
    isLoopback(connectionOf(c)?.remoteAddress ?? '') &&
    signOfForwarding(c) === undefined &&
    !(await isService(c, { wait: true }))
  );
}
