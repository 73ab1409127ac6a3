import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../harness/child-process.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { repository } from '../harness/repository.ts';

let folder: string;
let server: GhostlineServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-cli-'));
  server = await startGhostline({ dataDir: path.join(folder, 'data') });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ghostline(...args: string[]) {
  const cli = path.join(repository, 'apps/cli/dist/main.js');
  const child = await startChild(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
  });
  const { code } = await child.exited;
  await child.closed;
  return { code, output: child.output() };
}

describe('ghostline complete', () => {
  it('prints what an editor would show at a place in a real file', async () => {
    const source = await readFile(path.join(repository, 'packages/protocol/src/problem.ts'), 'utf8');
    const begun = '  const { status, title, retryable } = PRO';
    await writeFile(
      path.join(folder, 'problem.ts'),
      `${source}\nexport function again(name: ProblemName) {\n${begun}\n}\n`,
    );
    const line = source.split('\n').length + 2;
    const { code, output } = await ghostline(
      'complete',
      `problem.ts:${line}:${begun.length + 1}`,
      '--server',
      server.url,
      '--trace',
    );
    expect(output).toMatch(/^BLEMS\[name\];/);
    expect(output).toMatch(/model +ngram[^]*cache +miss[^]*first token/);
    expect(code).toBe(0);
  });

  it('takes suggestions from neighbours, too', async () => {
    await writeFile(
      path.join(folder, 'neighbour.ts'),
      "import { percentage } from './percentage.ts';\n\nexport const discount = percentage(quantity, thresholds);\n",
    );
    await writeFile(path.join(folder, 'current.ts'), 'import { percentage } fr');
    const { output } = await ghostline('complete', 'current.ts:1:25', '--server', server.url);
    expect(output).toMatch(/^om '\.\/percentage\.ts';/);
  });

  it('says what is wrong and how to mend it', async () => {
    expect(await ghostline('complete', 'nothing.ts:1:1')).toMatchObject({
      code: 1,
      output: expect.stringContaining('nothing.ts does not exist'),
    });
    const away = await ghostline('complete', 'current.ts:1:1', '--server', 'http://127.0.0.1:9');
    expect(away).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Cannot reach Ghostline at http:\/\/127\.0\.0\.1:9.*npm start/),
    });
  });
});
