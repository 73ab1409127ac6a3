import { type ChildProcess, spawn } from 'node:child_process';

/** How long a process may take to end by itself before it is killed. */
const GRACE_MS = 4000;

export interface RunningChild {
  readonly pid: number;
  /** Everything it has written so far. */
  output(): string;
  /** Resolves with what matched, as soon as the output contains it; rejects when the process ends first. */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when its output is complete: after its end, and that of the children that share its output. */
  readonly closed: Promise<void>;
  /** Asks it to end, kills it when it does not, and resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly onOutput?: (text: string) => void;
}

/** Starts a process whose output is kept. Throws when it cannot be started. */
export async function startChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<RunningChild> {
  const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const listeners = new Set<() => void>();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      options.onOutput?.(text);
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Should this process end without having stopped it.
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);
  void exited.then(() => process.off('exit', endWithUs));
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${command} could not be started`, { cause })));
  });
  return {
    pid: child.pid!,
    output: () => output,
    exited,
    closed,
    waitForOutput: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const giveUp = (why: string) => {
          settle();
          reject(new Error(`${command} ${args.join(' ')}\n${why}; its output:\n${output}`));
        };
        const timer = setTimeout(() => giveUp(`did not write ${pattern} within ${timeoutMs} ms`), timeoutMs);
        const look = () => {
          const match = pattern.exec(output);
          if (!match) return;
          settle();
          resolve(match);
        };
        const settle = () => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        listeners.add(look);
        void exited.then(({ code, signal }) => giveUp(`ended early (${signal ?? `exit code ${code}`})`));
        look();
      }),
    stop: () => stop(child, exited),
  };
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(kill);
}
