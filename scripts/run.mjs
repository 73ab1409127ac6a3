/** `pnpm X` and `npm run X`: sets up what is missing, then runs the command with the project's own Node and tools. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { build, main, setUp } from './setup.mjs';
import { SetupError, root } from './toolchain.mjs';

const vitest = (project) => ['vitest', 'run', '--project', project];

/** What each command runs, in order; `build` marks those that need the bundles. Arguments go to the last step. */
const COMMANDS = {
  setup: { steps: [] },
  build: { build: true, steps: [] },
  package: { build: true, steps: [] },
  check: {
    steps: [
      ['turbo', 'run', 'types', '//#lint', '//#format', '//#boundaries', '//#audit', '--output-logs=errors-only'],
    ],
  },
  fix: {
    steps: [
      ['oxlint', '--fix'],
      ['oxfmt', '.'],
      // Last, as it would take a file behind it for what to update.
      [...vitest('unit'), 'apps/server/src/config/config.test.ts', '-u'],
    ],
  },
  'test:unit': { steps: [vitest('unit')] },
  'test:integration': { build: true, steps: [vitest('integration')] },
  'test:editor': { build: true, steps: [['node', 'test/editor/run.ts']] },
  'test:browser': { build: true, steps: [vitest('browser')] },
  bench: { build: true, steps: [['node', 'test/bench/run.ts']] },
  ghostline: { steps: [['node', 'apps/cli/src/main.ts']] },
};

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (!command) throw new SetupError(`Unknown command "${name}"; one of ${Object.keys(COMMANDS).join(', ')}`);
  const env = await setUp();
  if (command.build) await build(env);
  for (const [index, [program, ...fixed]] of command.steps.entries()) {
    const last = index === command.steps.length - 1;
    const code = await attach(
      program,
      last ? [...fixed, ...args.filter((arg, at) => arg !== '--' || at > 0)] : fixed,
      env,
    );
    if (code !== 0) return code;
  }
  return 0;
});

/** A child that owns the terminal: its exit code is the result, and Ctrl+C is its to handle. */
function attach(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
    process.once('SIGINT', () => {});
    process.once('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}
