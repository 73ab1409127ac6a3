import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Certificate, createCertificateCheck, loadCertificate } from './certificate.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
let folder: string;
let files: { cert: string; key: string };
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-certificate-'));
  files = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
  install('first');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: 'first' | 'second', parts: readonly ('cert' | 'key')[] = ['cert', 'key']) {
  for (const part of parts) copyFileSync(path.join(fixtures, `${name}.${part}.pem`), files[part]);
}

function loaded(known?: Certificate): Certificate {
  const result = loadCertificate(files, known);
  if (result.kind === 'unusable') throw new Error(result.reason);
  return result.certificate;
}

function reasonFor(change: () => void): string {
  change();
  const result = loadCertificate(files);
  return result.kind === 'unusable' ? result.reason : 'usable';
}

describe('a certificate', () => {
  it('is read with its end, and known again while its files say the same', () => {
    const certificate = loaded();
    expect(certificate.validTo.getUTCFullYear()).toBeGreaterThan(2100);
    expect(loaded(certificate)).toBe(certificate);
  });

  it.each([
    ['is not there', () => rmSync(files.cert), /listen\.tls\.cert: .*tls\.crt cannot be read \(ENOENT\)/],
    [
      'is something else',
      () => writeFileSync(files.cert, 'hello'),
      /listen\.tls\.cert: .* is not a certificate in PEM/,
    ],
    ['has no key', () => writeFileSync(files.key, 'hello'), /listen\.tls\.key: .* not an unencrypted private key/],
    ['has the key of another one', () => install('second', ['key']), /listen\.tls\.key: .* is not the key of/],
  ])('that %s is refused by the name of its field', (_what, change, reason) => {
    expect(reasonFor(change)).toMatch(reason);
  });
});

describe('a certificate that is renewed', () => {
  it('is used once both of its files are there, and half of it is reported once', () => {
    const said: string[] = [];
    const check = createCertificateCheck({
      load: (known) => loadCertificate(files, known),
      initial: loaded(),
      onChange: () => said.push('changed'),
      onUnusable: (reason) => said.push(reason),
    });
    check();
    expect(said).toEqual([]);
    install('second', ['cert']);
    check();
    check();
    expect(said).toEqual([expect.stringContaining('is not the key of')]);
    install('second', ['key']);
    check();
    check();
    expect(said.slice(1)).toEqual(['changed']);
  });
});
