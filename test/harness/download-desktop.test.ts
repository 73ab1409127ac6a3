/** The real downloader against a mirror of Microsoft's servers on this machine, behind a proxy as a company has one. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type ServerResponse, createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, type Server, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { downloadDesktop } from './choose-vscode.ts';

const run = promisify(execFile);

const UPDATES = 'update.code.visualstudio.com';
/** Where Microsoft's update server sends for the archive. */
const ARCHIVES = 'vscode.download.prss.microsoft.com';
const VERSION = '9.9.9';
const GREETING = 'not quite VS Code';

/** Long enough to get as far as the archive, shorter than the silence after which the downloader itself tries anew. */
const STALLED_TIMEOUT_MS = 4000;

interface Archive {
  readonly name: string;
  readonly bytes: Buffer;
  /** Its path in the folder of the version. */
  readonly executable: string;
}

interface Answers {
  readonly releases: (response: ServerResponse) => void;
  readonly archive: (response: ServerResponse) => void;
}

let certificate: { readonly file: string; readonly key: Buffer; readonly cert: Buffer };
let certificates: string;
let archive: Archive;
let scratch: string;
const mirrors: Awaited<ReturnType<typeof startMirror>>[] = [];

beforeAll(async () => {
  certificates = await mkdtemp(path.join(tmpdir(), 'download-desktop-files-'));
  certificate = await certify(certificates);
  archive = await pack(certificates);
});
afterAll(() => rm(certificates, { recursive: true, force: true }));
beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'download-desktop-test-'));
});
afterEach(async () => {
  for (const mirror of mirrors.splice(0)) await mirror.stop();
  // The `tar` of a download that was ended may need a moment to notice.
  await rm(scratch, { recursive: true, force: true, maxRetries: 10 });
});

describe('downloading the desktop application', () => {
  it('asks Microsoft’s servers, through the proxy npm uses, and ends with an executable that runs', async () => {
    const mirror = await mirrorThat();
    const { executable } = await download(mirror);
    expect(executable).toBe(path.join(scratch, 'cache', `vscode-${platformName()}-${VERSION}`, archive.executable));
    await access(executable, constants.X_OK);
    expect((await run(executable)).stdout).toBe(`${GREETING}\n`);
    expect(mirror.asked).toEqual([
      `${UPDATES}/api/releases/stable?released=true`,
      `${UPDATES}/${VERSION}/${platformName()}/stable?released=true`,
      `${ARCHIVES}/stable/${archive.name}`,
    ]);
  });

  it('does not download again what is there', async () => {
    const mirror = await mirrorThat();
    const first = await download(mirror);
    const second = await download(mirror);
    expect(second.executable).toBe(first.executable);
    expect(mirror.asked.filter((url) => url.startsWith(ARCHIVES))).toHaveLength(1);
  });

  it('uses the copy that is there when no server can be reached', async () => {
    const mirror = await mirrorThat();
    const online = await download(mirror);
    await mirror.stop();
    const offline = await download(mirror);
    expect(offline.executable).toBe(online.executable);
    expect(offline.output).toContain(`using already-installed version ${VERSION}`);
  });

  it('ends at the deadline when the archive stalls half-way, and its connection with it', async () => {
    const left = Promise.withResolvers<void>();
    const mirror = await mirrorThat({
      archive: (response) => {
        response.once('close', left.resolve);
        response.writeHead(200, { 'content-length': archive.bytes.length });
        response.write(archive.bytes.subarray(0, archive.bytes.length / 2));
      },
    });
    await expect(download(mirror, STALLED_TIMEOUT_MS)).rejects.toThrow(/^it was not complete after 4 s$/);
    expect(mirror.asked.at(-1)).toBe(`${ARCHIVES}/stable/${archive.name}`);
    await left.promise;
  });
});

describe('the reason why there is none, in one line', () => {
  const broken = (response: ServerResponse) => void response.writeHead(500).end('<h1>Internal Server Error</h1>\n');

  it('names the list of releases when the server answers that with 500', async () => {
    await expect(download(await mirrorThat({ releases: broken }))).rejects.toThrow(/^Failed to get JSON$/);
  });

  it('names the version when the server answers 500 instead of its archive', async () => {
    const failed = download(await mirrorThat({ archive: broken }));
    await expect(failed).rejects.toThrow(/^Failed to download and unzip VS Code 9\.9\.9$/);
  });

  it('is that nothing listens, where nothing does', async () => {
    const mirror = await mirrorThat();
    await mirror.stop();
    await expect(download(mirror)).rejects.toThrow(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  });
});

async function download(mirror: { readonly proxy: string }, timeoutMs?: number) {
  let output = '';
  const executable = await downloadDesktop({
    cachePath: path.join(scratch, 'cache'),
    env: {
      ...process.env,
      npm_config_https_proxy: mirror.proxy,
      NODE_EXTRA_CA_CERTS: certificate.file,
      TMPDIR: scratch,
    },
    onOutput: (text) => (output += text),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return { executable, output };
}

async function mirrorThat(answers: Partial<Answers> = {}) {
  const mirror = await startMirror({
    releases: (response) => response.end(JSON.stringify([VERSION, '9.9.8'])),
    archive: (response) => response.writeHead(200, { 'content-length': archive.bytes.length }).end(archive.bytes),
    ...answers,
  });
  mirrors.push(mirror);
  return mirror;
}

/** Microsoft's two servers in one, and a proxy through which every name leads to it. */
async function startMirror(answers: Answers) {
  const asked: string[] = [];
  const server = createHttpsServer(certificate, (request, response) => {
    const url = `${request.headers.host}${request.url}`;
    asked.push(url);
    if (url === `${UPDATES}/api/releases/stable?released=true`) answers.releases(response);
    else if (url === `${UPDATES}/${VERSION}/${platformName()}/stable?released=true`) {
      response
        .writeHead(302, {
          location: `https://${ARCHIVES}/stable/${archive.name}`,
          'x-sha256': createHash('sha256').update(archive.bytes).digest('hex'),
        })
        .end();
    } else if (url === `${ARCHIVES}/stable/${archive.name}`) answers.archive(response);
    else response.writeHead(404).end();
  });
  const port = await listen(server);
  const proxy = createHttpServer().on('connect', (_request, client) => {
    const upstream = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    // Either end may leave at any time; the other one leaves then, too.
    pipeline(client, upstream, client, () => {});
  });
  const proxyPort = await listen(proxy);
  return {
    proxy: `http://127.0.0.1:${proxyPort}`,
    /** Every URL it was asked for, without the scheme. */
    asked,
    async stop() {
      const closed = [server, proxy].filter((each) => each.listening).map((each) => once(each.close(), 'close'));
      server.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A certificate for both names that lasts a day; it is its own authority. */
async function certify(folder: string) {
  const keyFile = path.join(folder, 'key.pem');
  const file = path.join(folder, 'certificate.pem');
  const names = ['-subj', `/CN=${UPDATES}`, '-addext', `subjectAltName=DNS:${UPDATES},DNS:${ARCHIVES}`];
  const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', keyFile, '-out', file];
  try {
    await run('openssl', ['req', '-x509', ...options, ...names]);
  } catch (cause) {
    throw new Error('This test makes a certificate with `openssl req -x509 -addext`, which failed: install openssl', {
      cause,
    });
  }
  return { file, key: await readFile(keyFile), cert: await readFile(file) };
}

/** An archive as Microsoft packs it for this platform, as far as the downloader looks at it. */
async function pack(folder: string): Promise<Archive> {
  const { name, top, executable, others } = layout();
  for (const [file, text] of Object.entries({ ...others, [executable]: `#!/bin/sh\necho ${GREETING}\n` })) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  await chmod(path.join(folder, executable), 0o755);
  // `-a`: in the format that its name says; GNU tar knows .tar.gz, the tar of macOS .zip as well.
  await run('tar', ['-a', '-c', '-f', name, top], { cwd: folder });
  const installed = name.endsWith('.zip') ? executable : path.relative(top, executable);
  return { name, bytes: await readFile(path.join(folder, name)), executable: installed };
}

function layout() {
  if (process.platform === 'linux') {
    const top = `VSCode-${platformName()}`;
    return { name: 'code-stable.tar.gz', top, executable: `${top}/code`, others: {} };
  }
  const top = 'Visual Studio Code.app';
  const plist = '<plist><dict><key>CFBundleExecutable</key><string>Code</string></dict></plist>';
  return {
    name: 'VSCode-darwin.zip',
    top,
    executable: `${top}/Contents/MacOS/Code`,
    others: { [`${top}/Contents/Info.plist`]: plist },
  };
}

/** As in the downloader's URLs; the editor tests run on Linux (Windows: in WSL) and macOS. */
function platformName(): string {
  if (process.platform === 'linux') return `linux-${process.arch}`;
  if (process.platform === 'darwin') return process.arch === 'arm64' ? 'darwin-arm64' : 'darwin';
  throw new Error(
    `The editor tests do not run on ${process.platform}: this test knows the archives of Linux and macOS`,
  );
}
