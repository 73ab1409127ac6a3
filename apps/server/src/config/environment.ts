import process from 'node:process';

export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What the process was started with; the only place that reads its environment. */
export function surroundings(): Surroundings {
  // npm runs scripts in the package's folder; INIT_CWD is where the user stood, which is what relative paths mean.
  return { argv: process.argv.slice(2), env: process.env, cwd: process.env['INIT_CWD'] ?? process.cwd() };
}

const CHILD_TOKEN = 'GHOSTLINE_ANALYTICS_TOKEN';
const CHILD_PORT = 'GHOSTLINE_ANALYTICS_PORT';

/** The environment of the analytics process: ours, with the token that only parent and child know. */
export function childEnvironment({ token, port }: { token: string; port: number }): NodeJS.ProcessEnv {
  return { ...process.env, [CHILD_TOKEN]: token, [CHILD_PORT]: String(port) };
}

/** What the analytics process finds in it; no token in any other process. */
export function toldByParent(env: Surroundings['env']): { childToken: string | undefined; childPort: number } {
  return { childToken: env[CHILD_TOKEN], childPort: Number(env[CHILD_PORT] ?? 0) };
}
