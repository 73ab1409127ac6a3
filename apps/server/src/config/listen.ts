import { isIP } from 'node:net';
import * as z from 'zod';
import type { CertificateFiles } from '../http/certificate.ts';
import type { Flags } from './flags.ts';
import type { Resolving } from './resolving.ts';

const pemFile = (what: string) =>
  z
    .strictObject(
      { file: z.string().min(1).meta({ description: 'Path, relative to this file' }) },
      { error: 'must be a PEM file: { file: PATH }' },
    )
    .meta({ description: what });

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

export const Listen = z
  .strictObject({
    host: z.string().min(1).optional().meta({
      description: 'Address; default 127.0.0.1. Anything that other machines reach needs auth',
    }),
    port: z.int().min(0).max(65_535).optional().meta({ description: 'Default 4700; 0 takes a free one' }),
    trustedProxies: z.array(network).max(1000).optional().meta({
      description: 'Proxies whose X-Forwarded-For is believed, to tell clients apart that try unknown keys',
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
  readonly tls: CertificateFiles | undefined;
  readonly http2Cleartext: boolean;
}

export function listenSettings(
  listen: z.infer<typeof Listen> | undefined,
  { host, port }: Pick<Flags, 'host' | 'port'>,
  { path }: Resolving,
): ListenSettings {
  return {
    host: host ?? listen?.host ?? '127.0.0.1',
    port: port ?? listen?.port ?? 4700,
    trustedProxies: listen?.trustedProxies ?? [],
    tls: listen?.tls && { cert: path(listen.tls.cert.file), key: path(listen.tls.key.file) },
    http2Cleartext: listen?.http2 === 'cleartext',
  };
}
