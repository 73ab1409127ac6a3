import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../child-process.ts';
import { installVscodeWeb } from '../vscode-web.ts';

/** An extension whose whole work is its tests: they end as `HOW` says. */
const TESTS = `exports.run = async () => {
  console.log('running in', require('vscode').workspace.workspaceFolders[0].name);
  if (process.env.HOW === 'fail') throw new Error('one test failed');
  if (process.env.HOW === 'die') process.kill(process.pid, 'SIGKILL');
  if (process.env.HOW === 'hang') await new Promise(() => {});
};`;

describe('the stand-in for the VS Code executable', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'shim-test-'));
  beforeAll(async () => {
    await installVscodeWeb();
    mkdirSync(path.join(scratch, 'my-folder'));
    writeFileSync(path.join(scratch, 'tests.cjs'), TESTS);
    writeFileSync(path.join(scratch, 'extension.js'), 'exports.activate = () => {};');
    const manifest = { name: 'nothing', publisher: 'me', version: '1.0.0', main: './extension.js' };
    writeFileSync(path.join(scratch, 'package.json'), JSON.stringify({ ...manifest, engines: { vscode: '^1.105.0' } }));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

  async function run(how: string, environment: Record<string, string> = {}) {
    const artifacts = path.join(scratch, `artifacts-${how}`);
    const args = [
      path.join(import.meta.dirname, 'code.ts'),
      path.join(scratch, 'my-folder'),
      '--no-sandbox',
      `--extensionTestsPath=${path.join(scratch, 'tests.cjs')}`,
      `--extensionDevelopmentPath=${scratch}`,
    ];
    const env = { ...process.env, HOW: how, GHOSTLINE_SHIM_ARTIFACTS: artifacts, ...environment };
    const child = await startChild(process.execPath, args, { env });
    const { code } = await child.exited;
    return { code, output: child.output(), artifacts };
  }

  it('prints what the tests print, nothing of VS Code, and ends with 0 when they pass', async () => {
    const { code, output } = await run('pass');
    expect(output).toBe('running in my-folder\n');
    expect(code).toBe(0);
  });

  it('ends with 1 and the error when they fail', async () => {
    const { code, output } = await run('fail');
    expect(output).toContain('one test failed');
    expect(code).toBe(1);
  });

  it('does not take the death of the extension host for success', async () => {
    const { code, output, artifacts } = await run('die');
    expect(output).toContain('the extension host went away before the tests had finished');
    expect(code).toBe(1);
    expect(readdirSync(artifacts)).toEqual(['vscode-console.log', 'vscode-server.log', 'vscode.png']);
  });

  it('gives up on tests that never end', async () => {
    const { code, output } = await run('hang', { GHOSTLINE_SHIM_TIMEOUT_MS: '10000' });
    expect(output).toContain('no result within 10000 ms');
    expect(code).toBe(124);
  });
});
