import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from '../config/index.ts';
import { type CertificateFiles, loadCertificate } from '../connections/certificate.ts';
import { judgeCertificate } from './check-certificate.ts';
import { type Finding, failure, ok } from './finding.ts';

const PROBE_TIMEOUT_MS = 3_000;

/** Whether the port can be had, or who has it. */
export async function checkListening({ host, port, tls }: Settings['listen'], version: string): Promise<Finding[]> {
  const certificate = tls ? [checkCertificate(tls)] : [];
  if (port === 0) return [ok('port', 'a free one is taken at the start'), ...certificate];
  const taken = await tryToListen(host, port);
  if (taken === undefined) return [ok('port', `${host}:${port} is free`), ...certificate];
  if (taken !== 'EADDRINUSE')
    return [
      failure('port', `${host}:${port} cannot be opened (${taken})`, 'Choose another listen.host or listen.port.'),
      ...certificate,
    ];
  const answer = await whoAnswers(
    `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/readyz`,
  );
  return [judgeAnswer(`${host}:${port}`, answer, version), ...certificate];
}

export function judgeAnswer(address: string, answer: string | undefined, version: string): Finding {
  if (answer === undefined)
    return failure('port', `${address} is taken by another program`, 'Stop that, or choose another port with --port.');
  if (answer === version) return ok('port', `Ghostline ${answer} answers at ${address}`);
  return ok('port', `Ghostline ${answer} answers at ${address}; this program is ${version}`);
}

function checkCertificate(files: CertificateFiles): Finding {
  const loaded = loadCertificate(files);
  return loaded.kind === 'loaded'
    ? judgeCertificate('certificate', loaded.certificate.validTo, Date.now())
    : failure('certificate', loaded.reason, 'A start would be refused.');
}

/** Undefined when it can be had; otherwise the reason. */
async function tryToListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    server.close();
  }
}

/** The version of the Ghostline that answers there. */
async function whoAnswers(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const { version } = (await response.json()) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
