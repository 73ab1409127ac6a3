import path from 'node:path';
import { type RunningChild, startChild } from './child-process.ts';
import { repository } from './repository.ts';

/** A first start creates databases and worker threads, on two cores that others may be using. */
const START_TIMEOUT_MS = 30_000;

export interface GhostlineOptions {
  readonly dataDir: string;
  /** Path of a ghostline.yaml; without one everything is embedded. */
  readonly config?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface GhostlineServer extends RunningChild {
  readonly url: string;
  /** Ends the process the hard way, at once: what `kill -9` leaves behind is what is being tested. */
  kill(): Promise<void>;
}

/** The built server as a process of its own, as users run it. Ready for requests when this resolves. */
export async function startGhostline(options: GhostlineOptions): Promise<GhostlineServer> {
  const child = await startServerProcess(options);
  const [, url] = await child.waitForOutput(/API\s+(https?:\S+)\/docs/, START_TIMEOUT_MS);
  return {
    ...child,
    url: url!,
    async kill() {
      process.kill(child.pid, 'SIGKILL');
      await child.exited;
    },
  };
}

/** The same without waiting: for starts that are meant to fail. */
export function startServerProcess({
  dataDir,
  config,
  port = 0,
  args = [],
  env = process.env,
}: GhostlineOptions): Promise<RunningChild> {
  const main = path.join(repository, 'apps/server/dist/main.js');
  const flags = [
    '--data-dir',
    dataDir,
    '--port',
    String(port),
    ...(config === undefined ? [] : ['--config', config]),
    ...args,
  ];
  // Started in the data directory's parent, so that no ghostline.yaml of a developer is picked up.
  return startChild(process.execPath, [main, ...flags], {
    cwd: path.dirname(dataDir),
    env: { ...env, INIT_CWD: path.dirname(dataDir) },
  });
}
