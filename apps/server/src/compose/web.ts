import type { Logger } from 'pino';
import { ConfigError, type Settings } from '../config/index.ts';
import {
  type Certificate,
  type CertificateFiles,
  createCertificateCheck,
  loadCertificate,
} from '../http/certificate.ts';
import { listen } from './listen.ts';
import { type WebServerOptions, createWebServer } from '../http/web-server.ts';

export interface OpenWebServer {
  /** Where it listens. */
  readonly url: string;
  /** Takes no more connections; resolves when the last answer is out, or those left are cut after `finishMs`. */
  finish(finishMs: number): Promise<void>;
}

/** How often the files of a certificate are looked at: they are renewed days before the old one ends. */
const CERTIFICATE_CHECK_MS = 10_000;

/** Resolves when it listens; rejects with a ConfigError when it cannot. */
export async function openWebServer(
  { tls, http2Cleartext, ...address }: Settings['listen'],
  fetch: WebServerOptions['fetch'],
  log: Logger,
): Promise<OpenWebServer> {
  const certificate = tls && certificateIn(tls);
  const web = createWebServer({ fetch, certificate, http2Cleartext });
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

function certificateIn(files: CertificateFiles): Certificate {
  const loaded = loadCertificate(files);
  if (loaded.kind === 'unusable') throw new ConfigError(loaded.reason);
  return loaded.certificate;
}
