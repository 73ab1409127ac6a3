import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** PEM files: the certificate with its chain, and its private key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly validTo: Date;
}

export type LoadedCertificate =
  | { readonly kind: 'loaded'; readonly certificate: Certificate }
  | { readonly kind: 'unusable'; readonly reason: string };

/**
 * The certificate in `files`, if a TLS server can use it: readable, well-formed, and of this key. `known` itself when the files
 * still say that. Never quotes the key.
 */
export function loadCertificate(files: CertificateFiles, known?: Certificate): LoadedCertificate {
  const texts = { cert: '', key: '' };
  for (const field of ['cert', 'key'] as const) {
    try {
      texts[field] = readFileSync(files[field], 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return unusable(`listen.tls.${field}: ${files[field]} cannot be read (${code}); give the path of a PEM file`);
    }
  }
  if (texts.cert === known?.cert && texts.key === known.key) return { kind: 'loaded', certificate: known };
  try {
    const certificate = new X509Certificate(texts.cert);
    const key = keyIn(texts.key);
    if (key === undefined) return unusable(`listen.tls.key: ${files.key} is not an unencrypted private key in PEM`);
    if (!certificate.checkPrivateKey(key))
      return unusable(`listen.tls.key: ${files.key} is not the key of the certificate in ${files.cert}`);
    createSecureContext(texts);
    return { kind: 'loaded', certificate: { ...texts, validTo: new Date(certificate.validTo) } };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return unusable(`listen.tls.cert: ${files.cert} is not a certificate in PEM (${code})`);
  }
}

function unusable(reason: string): LoadedCertificate {
  return { kind: 'unusable', reason };
}

function keyIn(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/**
 * What to call every now and then: looks at the files again and hands on a certificate that is another than before. Half of a
 * pair that is being replaced, or a mistake, is reported once, and what was in use stays.
 */
export function createCertificateCheck({
  load,
  initial,
  onChange,
  onUnusable,
}: {
  readonly load: (known: Certificate) => LoadedCertificate;
  readonly initial: Certificate;
  readonly onChange: (certificate: Certificate) => void;
  readonly onUnusable: (reason: string) => void;
}): () => void {
  let current = initial;
  let said: string | undefined;
  return () => {
    const loaded = load(current);
    const reason = loaded.kind === 'unusable' ? loaded.reason : undefined;
    if (reason !== undefined && reason !== said) onUnusable(reason);
    said = reason;
    if (loaded.kind !== 'loaded' || loaded.certificate === current) return;
    current = loaded.certificate;
    onChange(current);
  };
}
