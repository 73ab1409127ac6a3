import { connect } from 'node:tls';
import { type AddressRules, addressRefusal, guardedLookup } from '@ghostline/outgoing';
import { type Finding, failure, ok, warning } from './finding.ts';

const PROBE_TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 21;
const NETWORK = /^(?:ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|ERR_ADDRESS_REFUSED)/;

/** `end`: when it ends, or why it is not trusted. */
export function judgeCertificate(check: string, end: Date | Error, now: number): Finding {
  if (end instanceof Error) {
    const fix =
      'Let the endpoint present a certificate that this machine trusts; NODE_EXTRA_CA_CERTS names a CA of your own.';
    return failure(check, `TLS: ${end.message}`, fix);
  }
  const days = Math.floor((end.getTime() - now) / DAY_MS);
  const date = end.toISOString().slice(0, 10);
  if (days < 0) return failure(check, `its certificate ended on ${date}`, 'Renew it.');
  if (days <= EXPIRES_SOON_DAYS) return warning(check, `its certificate ends on ${date}`, 'Renew it in time.');
  return ok(check, `certificate valid until ${date}`);
}

/** When the certificate ends; an error when it is not trusted; undefined for plain HTTP and when nobody is there. */
export function readCertificateEnd(url: string, rules: AddressRules): Promise<Date | Error | undefined> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:' || addressRefusal(hostname, rules) !== undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const where = { host, port: Number(port || 443), servername: host, lookup: guardedLookup(rules) };
    const socket = connect({ ...where, timeout: PROBE_TIMEOUT_MS }, () => {
      const end = new Date(socket.getPeerCertificate().valid_to);
      socket.destroy();
      resolve(end);
    });
    socket.once('timeout', () => socket.destroy());
    socket.once('close', () => resolve(undefined));
    // A certificate that is not trusted has a code of OpenSSL's; what is about the network is told by the completion.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(NETWORK.test(error.code ?? '') ? undefined : error));
  });
}
