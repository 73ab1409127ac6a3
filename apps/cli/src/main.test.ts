import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CompletionRequest,
  EVENT_STREAM_HEADERS,
  type EmptyReason,
  POLICY_PATH,
  PROBLEM_MEDIA_TYPE,
  type StreamEvent,
  encodeStreamEvent,
  problem,
} from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const SERVE = new URL('serve.ts', import.meta.url).href;

let folder: string;
const cleanUps: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostline-cli-'));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  await rm(folder, { recursive: true });
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } });
  cleanUps.push(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      child.emit('output');
    });
  }
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  return { child, output, finished };
}

const run = (...args: string[]) => start([MAIN, ...args]).finished;

/** Waits until what a process has said satisfies the condition. */
async function until(child: ChildProcess, condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => child.once('output', resolve));
}

interface Received {
  readonly request: CompletionRequest;
  readonly authorization: string | undefined;
  readonly response: ServerResponse;
}

/** A real server on loopback that answers by script. */
async function serve(answer: (received: Received) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (request.url === POLICY_PATH) {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ excluded_paths: [] }));
      }
      return answer({
        request: JSON.parse(body) as CompletionRequest,
        authorization: request.headers.authorization,
        response,
      });
    });
  });
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const started: StreamEvent = {
  event: 'start',
  data: { completion_id: 'cmp_12345678', model: 'tiny', region: 'eu-test', endpoint: 'gpu-1', cache: 'memory' },
};
const delta = (text: string): StreamEvent => ({ event: 'delta', data: { index: 0, text } });
const finish: StreamEvent = { event: 'finish', data: { index: 0, reason: 'stop' } };
const done = (reason?: EmptyReason): StreamEvent => ({
  event: 'done',
  data: {
    usage: { prompt_tokens: 30, completion_tokens: 4 },
    timings: { auth_ms: 1, prompt_ms: 2, cache_ms: 3, queue_ms: 4, first_token_ms: 5, total_ms: 6 },
    ...(reason ? { reason } : {}),
  },
});

function send(response: ServerResponse, ...events: StreamEvent[]): void {
  if (!response.headersSent) response.writeHead(200, EVENT_STREAM_HEADERS);
  response.write(events.map(encodeStreamEvent).join(''));
  if (events.some(({ event }) => event === 'done')) response.end();
}

describe('ghostline', () => {
  it('explains itself, and tells its version', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('complete FILE:LINE:COL') });
    expect(await run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('ends misuse with code 2 and a hint', async () => {
    expect(await run('compelte')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'ghostline: "compelte" is not a command of ghostline. Did you mean "complete"?\n',
    });
  });
});

describe('ghostline complete', () => {
  it('prints the completion, and only that, from the file and its neighbours', async () => {
    let received: Received | undefined;
    const url = await serve((all) => {
      received = all;
      send(all.response, started, delta('total + '), delta('tax;'), finish, done());
    });
    await writeFile(join(folder, 'sum.ts'), 'const total = 1;\nconst sum = \n');
    await writeFile(join(folder, 'old.ts'), 'export const total = 2;');
    await utimes(join(folder, 'old.ts'), 1, 1);
    await writeFile(join(folder, 'new.ts'), 'export const total = 3;');
    await writeFile(join(folder, 'total.py'), 'total = 4');
    await mkdir(join(folder, 'folder.ts'));
    const { finished } = start([MAIN, 'complete', 'sum.ts:2:13', '--server', url, '--multiline', 'always'], {
      GHOSTLINE_TOKEN: 'key',
    });
    expect(await finished).toEqual({ code: 0, stdout: 'total + tax;', stderr: '' });
    expect(received?.authorization).toBe('Bearer key');
    expect(received?.request).toMatchObject({
      prefix: 'const total = 1;\nconst sum = ',
      suffix: '\n',
      path: 'sum.ts',
      language: 'typescript',
      trigger: 'manual',
      multiline: 'always',
      client: { name: 'ghostline-cli' },
    });
    expect(received?.request.snippets?.map(({ path }) => path)).toEqual(['new.ts', 'old.ts']);
  });

  it('prints as the text arrives', async () => {
    const gate = Promise.withResolvers<ServerResponse>();
    const url = await serve(({ response }) => {
      send(response, started, delta('a;\n'));
      gate.resolve(response);
    });
    await writeFile(join(folder, 'a.ts'), '');
    const { child, output, finished } = start([MAIN, 'complete', 'a.ts:1:1', '--server', url, '--multiline', 'always']);
    const response = await gate.promise;
    await until(child, () => output.stdout === 'a;\n');
    send(response, delta('b;'));
    await until(child, () => output.stdout === 'a;\nb;');
    send(response, finish, done());
    expect(await finished).toEqual({ code: 0, stdout: 'a;\nb;', stderr: '' });
  });

  it('tells with --trace where it came from and how long it took', async () => {
    const url = await serve(({ response }) => send(response, started, delta('x'), finish, done()));
    await writeFile(join(folder, 'a.ts'), '');
    const { code, stdout, stderr } = await run('complete', 'a.ts:1:1', '--trace', '--server', url);
    expect([code, stdout]).toEqual([0, 'x']);
    for (const part of ['tiny', 'eu-test', 'gpu-1', 'memory', '30 in, 4 out', 'first token 5, total 6 ms']) {
      expect(stderr).toContain(part);
    }
    expect(stderr).toMatch(/^client {5}first text [\d.]+, total [\d.]+ ms$/m);
  });

  it('gives with --json what an editor would show', async () => {
    const url = await serve(({ response }) => send(response, started, delta('bar);'), finish, done()));
    await writeFile(join(folder, 'a.ts'), 'foo()');
    const { code, stdout, stderr } = await run('complete', 'a.ts:1:5', '--json', '--server', url);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      text: 'bar);',
      range: { start: 4, end: 5 },
      model: 'tiny',
      finish: 'stop',
      server_ms: { total_ms: 6 },
      client_ms: { total: expect.any(Number) },
    });
  });

  it('says why a completion is empty', async () => {
    const url = await serve(({ response }) => send(response, started, done('shed')));
    await writeFile(join(folder, 'a.ts'), '');
    expect(await run('complete', 'a.ts:1:1', '--server', url)).toEqual({
      code: 0,
      stdout: '',
      stderr: 'ghostline: no completion: the server is too busy for it now.\n',
    });
  });

  it('sends no secrets', async () => {
    const url = await serve(() => expect.fail('nothing should be sent'));
    await writeFile(join(folder, '.env'), 'A=1');
    const { code, stderr } = await run('complete', '.env:1:4', '--server', url);
    expect([code, stderr]).toEqual([0, expect.stringContaining('excluded')]);
  });

  it('says when an editor would show less than was streamed', async () => {
    const url = await serve(({ response }) => send(response, started, delta('b();\n}'), finish, done()));
    await writeFile(join(folder, 'a.ts'), 'if (a) {\n  \n}\n');
    const { code, stdout, stderr } = await run('complete', 'a.ts:2:3', '--server', url);
    expect([code, stdout]).toEqual([0, 'b();\n}']);
    expect(stderr).toContain('an editor shows 4 of these 6 characters');
  });

  it('fails with the reason the server gives', async () => {
    const url = await serve(({ response }) => {
      const document = problem('unauthenticated', 'Send an API key.');
      response.writeHead(401, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
    });
    await writeFile(join(folder, 'a.ts'), '');
    expect(await run('complete', 'a.ts:1:1', '--server', url)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ghostline: Send an API key.\n',
    });
  });

  it('fails when the stream breaks, after what came of it', async () => {
    const url = await serve(({ response }) => {
      response.on('error', () => undefined);
      send(response, started, delta('a;\nb'));
      response.end();
    });
    await writeFile(join(folder, 'a.ts'), '');
    const { code, stdout, stderr } = await run('complete', 'a.ts:1:1', '--server', url);
    expect([code, stdout]).toEqual([1, 'a;\nb']);
    expect(stderr).toContain('ended before it was done');
  });

  it('names the option that is at fault when nobody answers', async () => {
    await writeFile(join(folder, 'a.ts'), '');
    const { code, stderr } = await run('complete', 'a.ts:1:1', '--server', 'http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot reach Ghostline at http://127.0.0.1:1');
    expect(stderr).toContain('change --server to where it runs');
  });

  it.each([
    ['missing.ts:1:1', 1, 'missing.ts does not exist.'],
    ['.:1:1', 1, '. is a folder.'],
    ['latin.ts:1:1', 1, 'latin.ts is not UTF-8 text.'],
    ['binary.ts:1:1', 1, 'binary.ts is a binary file.'],
    ['a.ts:9:1', 2, 'a.ts has 1 line, not 9.'],
    ['a.ts:1:9', 2, 'the last column is 2.'],
  ])('refuses %s with code %i', async (place, code, detail) => {
    await writeFile(join(folder, 'a.ts'), 'a');
    await writeFile(join(folder, 'latin.ts'), Buffer.from([0xff, 0xfe, 0x80]));
    await writeFile(join(folder, 'binary.ts'), 'a\0b');
    expect(await run('complete', place)).toEqual({ code, stdout: '', stderr: expect.stringContaining(detail) });
  });

  it.skipIf(process.platform === 'win32')('does not wait for whoever writes to a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.ts')]);
    const stderr = 'ghostline: pipe.ts is not a regular file.\n';
    expect(await run('complete', 'pipe.ts:1:1')).toEqual({ code: 1, stdout: '', stderr });
  });

  it('refuses a key variable that is not set', async () => {
    await writeFile(join(folder, 'a.ts'), '');
    const { code, stderr } = await run('complete', 'a.ts:1:1', '--token-env', 'MY_KEY');
    expect([code, stderr]).toEqual([2, expect.stringContaining('MY_KEY')]);
  });

  it('closes its connection on Ctrl+C', async () => {
    const arrived = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const url = await serve(({ response }) => {
      response.on('close', closed.resolve);
      arrived.resolve();
    });
    await writeFile(join(folder, 'a.ts'), '');
    const { child, finished } = start([MAIN, 'complete', 'a.ts:1:1', '--server', url]);
    await arrived.promise;
    child.kill('SIGINT');
    await closed.promise;
    expect(await finished).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});

describe('ghostline replay', () => {
  const RECORDING = [
    '{"t_ms":0,"kind":"open","path":"sum.ts","language":"typescript","text":"export function sum(a: number, b: number) {\\n}\\n"}',
    '{"t_ms":500,"kind":"edit","path":"sum.ts","offset":43,"deleted":0,"inserted":"\\n  "}',
    ...[...'return a + b;'].map((char, i) =>
      JSON.stringify({
        t_ms: 900 + 180 * i,
        kind: 'edit',
        path: 'sum.ts',
        offset: 46 + i,
        deleted: 0,
        inserted: char,
      }),
    ),
  ].join('\n');

  interface Report {
    readonly requests: { readonly automatic: number; readonly total: number };
    readonly suggestions: { readonly shown: number; readonly accepted: number };
    readonly tokens: { readonly gpu: number };
    readonly keys: { readonly pressed: number; readonly unaided: number };
    readonly wall: unknown;
  }

  async function report(...args: string[]): Promise<Report> {
    const { code, stdout, stderr } = await run('replay', join(folder, 'sum.jsonl'), '--json', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Report;
  }

  beforeEach(() => writeFile(join(folder, 'sum.jsonl'), RECORDING));

  it('gives the same numbers every time without a server', async () => {
    const [{ wall: _first, ...first }, { wall: _second, ...second }] = [await report(), await report()];
    expect(second).toEqual(first);
    expect(first).toMatchObject({ recording: 'sum.jsonl', server: 'scripted', keys: { unaided: 14 } });
    expect(first.requests.total).toBeGreaterThan(0);
    expect(first.tokens.gpu).toBeGreaterThan(0);
  });

  it('prints them for people', async () => {
    const { code, stdout } = await run('replay', 'sum.jsonl');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^sum\.jsonl, server: scripted\n14 keys in 3 s without suggestions, \d+ in \d+ s with them\n/,
    );
    expect(stdout).toMatch(/^flicker +0 replaced, 0 vanished while they fitted$/m);
    expect(stdout).toMatch(/^GPU tokens +\d+: \d+ prefill, \d+ decoded; \d+ of them speculative$/m);
  });

  it('asks a live server in real time, as fast as it is told to type', async () => {
    const prefixes: string[] = [];
    const url = await serve(({ request, response }) => {
      prefixes.push(request.prefix);
      const truth = 'export function sum(a: number, b: number) {\n  return a + b;';
      const rest = truth.startsWith(request.prefix) ? truth.slice(request.prefix.length) : '';
      send(
        response,
        { ...started, data: { ...started.data, cache: 'miss' } } as StreamEvent,
        delta(rest),
        finish,
        done(),
      );
    });
    const began = performance.now();
    const live = await report('--server', url, '--speed', '2');
    expect(live).toMatchObject({ server: url, suggestions: { accepted: 1 } });
    expect(live.keys.pressed).toBeLessThan(live.keys.unaided);
    expect(prefixes[0]).toBe('export function sum(a: number, b: number) {\n  ');
    expect(live.requests.automatic).toBe(prefixes.length);
    // The text is taken long before it would have been typed.
    expect(performance.now() - began).toBeGreaterThan(1000);
  });

  it('says why a live server cannot be replayed against', async () => {
    const url = await serve(({ response }) => {
      response.writeHead(401, { 'content-type': PROBLEM_MEDIA_TYPE });
      response.end(JSON.stringify(problem('unauthenticated', 'No key was sent.')));
    });
    expect(await run('replay', 'sum.jsonl', '--server', url)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('No key was sent.'),
    });
    expect(await run('replay', 'sum.jsonl', '--server', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--server'),
    });
  });

  it('names the line that is at fault', async () => {
    await writeFile(join(folder, 'bad.jsonl'), `${RECORDING}\n{"t_ms":1,"kind":"dismiss"}\n`);
    expect(await run('replay', 'bad.jsonl')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ghostline: bad.jsonl:16: "t_ms" goes back from 3060 to 1: put the lines in the order of time.\n',
    });
    expect(await run('replay', 'none.jsonl')).toMatchObject({
      code: 1,
      stderr: 'ghostline: none.jsonl does not exist.\n',
    });
    await writeFile(join(folder, 'latin.jsonl'), new Uint8Array([0xe4, 0x0a]));
    expect(await run('replay', 'latin.jsonl')).toMatchObject({
      code: 1,
      stderr: 'ghostline: latin.jsonl is not UTF-8 text.\n',
    });
  });

  it('refuses a key variable that is not set', async () => {
    expect(await run('replay', 'sum.jsonl', '--server', 'http://127.0.0.1:9', '--token-env', 'NO_KEY')).toMatchObject({
      code: 2,
      stderr: 'ghostline: the environment variable NO_KEY, named by --token-env, is not set.\n',
    });
  });

  it('ends at Ctrl+C', async () => {
    const asked = Promise.withResolvers<void>();
    const url = await serve(() => asked.resolve());
    const { child, finished } = start([MAIN, 'replay', 'sum.jsonl', '--server', url, '--speed', '0.1']);
    await asked.promise;
    child.kill('SIGINT');
    expect(await finished).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});

describe('ghostline serve', () => {
  /** The command with a server of our own in place of the built one. */
  async function startServe(server: string, ...args: string[]) {
    const entry = join(folder, 'server.mjs');
    await writeFile(entry, server);
    const program = `import { serve } from ${JSON.stringify(SERVE)};
      process.exitCode = await serve(${JSON.stringify(args)}, ${JSON.stringify(entry)});`;
    return start(['--input-type=module', '--eval', program]);
  }

  it('passes arguments, output and the exit code through', async () => {
    const { finished } = await startServe(
      'console.log(process.argv.slice(2).join("|")); process.exitCode = 7;',
      '--port',
      '0',
    );
    expect(await finished).toEqual({ code: 7, stdout: '--port|0\n', stderr: '' });
  });

  it('forwards signals and waits until the server has ended', async () => {
    const { child, output, finished } = await startServe(
      `process.on('SIGTERM', () => setImmediate(() => { console.log('drained'); process.exit(0); }));
       setInterval(() => {}, 1000);
       console.log('up');`,
    );
    await until(child, () => output.stdout === 'up\n');
    child.kill('SIGTERM');
    expect(await finished).toEqual({ code: 0, stdout: 'up\ndrained\n', stderr: '' });
  });

  it('reports a server that a signal ended', async () => {
    const { finished } = await startServe("process.kill(process.pid, 'SIGKILL');");
    expect(await finished).toMatchObject({ code: 137 });
  });

  it('says how to build a server that is missing', async () => {
    const program = `import { serve } from ${JSON.stringify(SERVE)}; process.exitCode = await serve([], '/nowhere.js');`;
    const { finished } = start(['--input-type=module', '--eval', program]);
    expect(await finished).toMatchObject({ code: 1, stderr: expect.stringContaining('npm run build') });
  });
});
