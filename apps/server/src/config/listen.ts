import { isIP } from 'node:net';
import * as z from 'zod';
import type { CertificateFiles } from '../connections/certificate.ts';
import type { Flags } from './flags.ts';
import { pemFile } from './pem-file.ts';
import type { Resolving } from './resolving.ts';

const network = z
  .string()
  .refine(isNetwork, 'must be an address or a network such as 10.0.0.7, 10.0.0.0/8 or fd00::/8')
  .meta({ description: 'Address or network (CIDR)' });

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const ORIGIN = /^https?:\/\/(?:\*\.)?(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/;
const origin = z
  .string()
  .regex(ORIGIN, 'must be an origin such as https://vscode.dev or https://*.example.com: small letters, no path')
  .meta({ description: 'Scheme, host and port as browsers say them, or https://*.HOST for all names below it' });

export const Listen = z
  .strictObject({
    host: z.string().min(1).optional().meta({
      description: 'Address; default 127.0.0.1. Anything that other machines reach needs auth',
    }),
    port: z.int().min(0).max(65_535).optional().meta({ description: 'Default 4700; 0 takes a free one' }),
    trustedProxies: z.array(network).max(1000).optional().meta({
      description: 'Proxies whose X-Forwarded-For is believed, to tell clients apart that try unknown keys',
    }),
    connectionsPerAddress: z.int().min(1).max(10_000).optional().meta({
      description: 'Connections that one address may have open, of 10000 in all; default 2000. Not for trustedProxies',
    }),
    origins: z.array(origin).max(1000).optional().meta({
      description: 'Web pages that may ask; default: all, as each request brings a key. Needs auth',
    }),
    tls: z
      .strictObject({ cert: pemFile('Certificate, its chain behind it'), key: pemFile('Its private key') })
      .optional()
      .meta({
        description: 'HTTPS, with HTTP/2 for clients that have it. The files are read again when they change',
      }),
    http2: z.literal('cleartext').optional().meta({
      description: 'HTTP/2 without TLS (h2c, prior knowledge) beside HTTP/1.1, behind a proxy that speaks it',
    }),
  })
  .refine(({ tls, http2 }) => !tls || !http2, {
    path: ['http2'],
    message: 'with tls, HTTP/2 is on by itself; remove http2: cleartext',
  })
  .meta({ description: 'Where clients come in' });

export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  readonly trustedProxies: readonly string[];
  readonly connectionsPerAddress: number;
  /** Undefined: every page that has a key; without authentication, those on this machine. */
  readonly origins: readonly string[] | undefined;
  readonly tls: CertificateFiles | undefined;
  readonly http2Cleartext: boolean;
}

/** An office of five hundred behind one address, in four files each; five such addresses are all that there is room for. */
const CONNECTIONS_PER_ADDRESS = 2_000;

export function listenSettings(
  listen: z.infer<typeof Listen> | undefined,
  { host, port }: Pick<Flags, 'host' | 'port'>,
  { path }: Resolving,
): ListenSettings {
  return {
    host: host ?? listen?.host ?? '127.0.0.1',
    port: port ?? listen?.port ?? 4700,
    trustedProxies: listen?.trustedProxies ?? [],
    connectionsPerAddress: listen?.connectionsPerAddress ?? CONNECTIONS_PER_ADDRESS,
    origins: listen?.origins,
    tls: listen?.tls && { cert: path(listen.tls.cert.file), key: path(listen.tls.key.file) },
    http2Cleartext: listen?.http2 === 'cleartext',
  };
}
