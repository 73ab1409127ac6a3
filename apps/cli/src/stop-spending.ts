import {
  PROBLEM_MEDIA_TYPE,
  Problem,
  SPENDING_STOP_PATH,
  SpendingChange,
  type SpendingStop,
  SpendingStops,
} from '@ghostline/protocol';
import type { SpendingCommand } from './arguments.ts';
import type { Output } from './complete.ts';
import { tokenFrom } from './config.ts';

/** A server that answers later than that is one to ask again, or another one. */
const TIMEOUT_MS = 10_000;

/** Stops or resumes spending, or says what is stopped; returns the exit code. `signal` ends it like Ctrl+C. */
export async function stopSpending(
  command: SpendingCommand,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const { name, required } = command.tokenVariable;
  const token = tokenFrom(name);
  if (required && token === undefined) {
    stderr.write(`ghostline: the environment variable ${name}, named by --token-env, is not set.\n`);
    return 2;
  }
  try {
    const answer = await ask(command, token, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
    stdout.write(command.json ? `${JSON.stringify(answer, undefined, 2)}\n` : describe(command, answer));
    return 0;
  } catch (error) {
    stderr.write(`ghostline: ${reasonOf(error, command.server)}\n`);
    return 1;
  }
}

class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

async function ask(
  { action, organisation, user, server }: SpendingCommand,
  token: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const url = new URL(`${server.replace(/\/+$/, '')}${SPENDING_STOP_PATH}`);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const whose = { ...(organisation !== undefined && { organisation }), ...(user !== undefined && { user }) };
  if (action.kind === 'stop') {
    const { reason, minutes } = action;
    const more = { ...(reason !== undefined && { reason }), ...(minutes !== undefined && { minutes }) };
    const body = JSON.stringify({ ...whose, ...more });
    return read(
      await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body, signal }),
    );
  }
  if (action.kind === 'status') return read(await fetch(url, { headers, signal }));
  for (const [field, value] of Object.entries(whose)) url.searchParams.set(field, value);
  return read(await fetch(url, { method: 'DELETE', headers, signal }));
}

/** Throws RefusedError with what the server says. */
async function read(response: Response): Promise<unknown> {
  const isProblem = response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE);
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  const problem = Problem.safeParse(body);
  throw new RefusedError(
    isProblem && problem.success
      ? problem.data.detail
      : `the server answers ${response.status}: is it a Ghostline server, with the role admin?`,
  );
}

function describe(command: SpendingCommand, answer: unknown): string {
  if (command.action.kind === 'status') return status(SpendingStops.parse(answer).stops);
  const { found, everywhere } = SpendingChange.parse(answer);
  const whom = whose(command);
  const late = everywhere
    ? ''
    : 'The store that gateways share does not answer: this gateway keeps to it, the others will when the store is back.\n';
  if (command.action.kind === 'stop') {
    return `Spending is stopped for ${whom}. Completions go on from caches and the embedded model.\n${late}`;
  }
  return `${found ? `Spending goes on for ${whom}.` : `Spending was not stopped for ${whom}; see --status.`}\n${late}`;
}

function whose({ organisation, user }: Pick<SpendingCommand, 'organisation' | 'user'>): string {
  const of = organisation === undefined ? '' : ` of ${organisation}`;
  return user === undefined
    ? organisation === undefined
      ? 'everybody'
      : `the organisation ${organisation}`
    : `the user ${user}${of}`;
}

function status(stops: readonly SpendingStop[]): string {
  if (stops.length === 0) return 'Nothing is stopped.\n';
  return stops
    .map(({ organisation, user, since, until, who, by, reason }) => {
      const end = until === undefined ? 'until somebody resumes it' : `until ${until}`;
      return `Stopped for ${whose({ organisation, user })} since ${since} ${end}, by ${who ?? by}: ${reason}\n`;
    })
    .join('');
}

function reasonOf(error: unknown, server: string): string {
  if (error instanceof RefusedError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return `${server} does not answer.`;
  return `${server} cannot be reached. Is the server running, and the address right (--server)?`;
}
