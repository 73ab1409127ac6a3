import { networkOf } from '@ghostline/access';
import type { Logger } from 'pino';
import { ConfigError, type Settings } from '../config/index.ts';
import {
  type Certificate,
  type CertificateFiles,
  createCertificateCheck,
  loadCertificate,
} from '../connections/certificate.ts';
import { type WebServerOptions, createWebServer } from '../connections/web-server.ts';
import { trustedProxyMatcher } from '../http/client-address.ts';
import type { Metrics } from '../metrics/index.ts';
import { listen } from './listen.ts';

export interface OpenWebServer {
  /** Where it listens. */
  readonly url: string;
  /** Takes no more connections; resolves when the last answer is out, or those left are cut after `finishMs`. */
  finish(finishMs: number): Promise<void>;
}

/** How often the files of a certificate are looked at: they are renewed days before the old one ends. */
const CERTIFICATE_CHECK_MS = 10_000;

export interface WebOptions {
  readonly listen: Settings['listen'];
  readonly fetch: WebServerOptions['fetch'];
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** An address that is refused connections is named once in as long. */
const SAID_AGAIN_MS = 60_000;

/** Resolves when it listens; rejects with a ConfigError when it cannot. */
export async function openWebServer({ listen: settings, fetch, metrics, log }: WebOptions): Promise<OpenWebServer> {
  const { tls, http2Cleartext, trustedProxies, connectionsPerAddress, ...address } = settings;
  const certificate = tls && certificateIn(tls);
  const isTrusted = trustedProxyMatcher(trustedProxies);
  let saidAt = Number.NEGATIVE_INFINITY;
  const web = createWebServer({
    fetch,
    certificate,
    http2Cleartext,
    connections: {
      perAddress: connectionsPerAddress,
      networkOf: (client) => (isTrusted(client) ? undefined : networkOf(client)),
    },
    onConnectionRefused(reason, client) {
      metrics.connectionsRefused.inc({ reason });
      const now = performance.now();
      if (now - saidAt < SAID_AGAIN_MS) return;
      saidAt = now;
      log.warn({ reason, address: client }, REFUSED[reason]);
    },
  });
  if (tls && certificate) {
    const check = createCertificateCheck({
      load: (known) => loadCertificate(tls, known),
      initial: certificate,
      onChange(renewed) {
        web.useCertificate(renewed);
        log.info({ validTo: renewed.validTo }, 'new connections get the renewed certificate');
      },
      onUnusable: (reason) =>
        log.error({ reason }, 'the certificate in use stays: the one in its files cannot be used'),
    });
    setInterval(check, CERTIFICATE_CHECK_MS).unref();
  }
  return { url: await listen(web, address), finish: web.finish };
}

const REFUSED = {
  all: 'connections are refused: as many are open as this process takes',
  address:
    'connections of one address are refused: it has as many open as listen.connectionsPerAddress allows. If it is a proxy, name it in listen.trustedProxies',
};

function certificateIn(files: CertificateFiles): Certificate {
  const loaded = loadCertificate(files);
  if (loaded.kind === 'unusable') throw new ConfigError(loaded.reason);
  return loaded.certificate;
}
