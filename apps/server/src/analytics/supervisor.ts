import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { ComponentState } from '@ghostline/protocol';
import { backoffMs } from '@ghostline/telemetry';
import type { Logger } from 'pino';
import type { ChildMessage } from './child.ts';

export interface SuperviseOptions {
  /**
   * Starts the analytics process with an IPC channel. `port` is the one it should listen on, 0 for any; the token reaches
   * it by its environment, as arguments are visible to every user of the machine.
   */
  readonly spawn: (options: { port: number }) => ChildProcess;
  readonly token: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly setTimer?: SetTimer;
}

export interface AnalyticsSupervisor {
  /** For `/readyz`. */
  state(): ComponentState;
  /** The client of the process as it runs now; ask again for every use. Throws while there is none. */
  client(): ClickHouseClient;
  /** Ends the process after what it is doing, and supervision with it. */
  close(): Promise<void>;
}

/** Loading the parts of a year takes seconds; a process that says nothing for this long is stuck. */
const START_MS = 60_000;
/** A process that ran this long did not die of its start: the next restart is a first attempt again. */
const STABLE_MS = 60_000;
/** Twice what the process gives itself to close. */
const CLOSE_MS = 10_000;
/** A report over weeks of a big organisation takes seconds; the store itself gives up after 20. */
const REQUEST_MS = 30_000;

type State =
  | { readonly kind: 'starting'; readonly child: ChildProcess }
  | { readonly kind: 'running'; readonly child: ChildProcess; readonly since: number }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'closed' };

/** Keeps one analytics process alive: starts it at once, and again with back-off whenever it ends. */
export function superviseAnalytics(options: SuperviseOptions): AnalyticsSupervisor {
  const { spawn, token, log, now = Date.now, random = Math.random, setTimer = backgroundTimer } = options;
  let connection: { readonly url: string; readonly client: ClickHouseClient } | undefined;
  let failures = 0;
  let cancelTimer: (() => void) | undefined;
  let state: State = start();

  function start(): State {
    const child = spawn({ port: connection ? Number(new URL(connection.url).port) : 0 });
    let reason: string | undefined;
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'listening') listening(child, message.url);
      else reason = message.reason;
    });
    child.once('error', (error) => ended(child, `it could not be started: ${error.message}`));
    child.once('exit', (code, signal) => ended(child, reason ?? `it ended with ${signal ?? `code ${code}`}`));
    cancelTimer = setTimer(() => {
      reason = `it did not start within ${START_MS / 1_000} s`;
      child.kill('SIGKILL');
    }, START_MS);
    return { kind: 'starting', child };
  }

  function listening(child: ChildProcess, url: string) {
    if (state.kind !== 'starting') return;
    cancelTimer?.();
    if (connection?.url !== url) {
      void connection?.client.close();
      connection = { url, client: connect(url, token) };
    }
    state = { kind: 'running', child, since: now() };
    log.info({ url, pid: child.pid }, 'analytics is running');
  }

  function ended(child: ChildProcess, reason: string) {
    if ((state.kind !== 'starting' && state.kind !== 'running') || state.child !== child) return;
    cancelTimer?.();
    failures = state.kind === 'running' && now() - state.since >= STABLE_MS ? 1 : failures + 1;
    const retryInMs = backoffMs(failures, random());
    log.warn({ reason, retryInMs: Math.round(retryInMs) }, 'analytics ended: events wait in the log until it is back');
    state = { kind: 'waiting', reason };
    cancelTimer = setTimer(() => (state = start()), retryInMs);
  }

  return {
    state() {
      switch (state.kind) {
        case 'running':
          return { state: 'ok' };
        case 'starting':
          return { state: 'degraded', detail: 'starting' };
        case 'waiting':
          return { state: 'down', detail: `restarting: ${state.reason}` };
        case 'closed':
          return { state: 'down', detail: 'closed' };
      }
    },
    client() {
      if (state.kind === 'running' && connection) return connection.client;
      throw new Error(`The analytics process is not there: ${state.kind === 'waiting' ? state.reason : state.kind}.`);
    },
    async close() {
      const last = state;
      state = { kind: 'closed' };
      cancelTimer?.();
      if (last.kind === 'starting' || last.kind === 'running') await end(last.child, setTimer);
      await connection?.client.close();
    },
  };
}

/** The process ends by itself when the channel to its parent does. */
async function end(child: ChildProcess, setTimer: SetTimer) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  const cancel = setTimer(() => child.kill('SIGKILL'), CLOSE_MS);
  await exit;
  cancel();
}

function connect(url: string, token: string): ClickHouseClient {
  return createClient({
    url,
    access_token: token,
    request_timeout: REQUEST_MS,
    // Callers get the error and log it in this program's own form.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
