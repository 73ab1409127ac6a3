import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ClientFailure, createCompletionClient, createHttpTransport } from '@ghostline/client';
import {
  type ReplayOptions,
  type ReplayReport,
  type Script,
  createOracle,
  createRealClock,
  createScriptedServer,
  createVirtualClock,
  estimateCosts,
  parseRecording,
  replay,
  toScript,
} from '@ghostline/client/replay';
import type { LiveServer, ReplayCommand } from './arguments.ts';
import type { Output } from './complete.ts';
import { tokenFrom } from './config.ts';
import { formatReport, reportDocument } from './replay-report.ts';

type OpenClient = ReplayOptions['openClient'];

/** Replays a recording and prints its measures; returns the exit code. `signal` ends it like Ctrl+C. */
export async function replayRecording(
  { recording, live, json }: ReplayCommand,
  { version, stdout, stderr }: Output & { readonly version: string },
  signal: AbortSignal,
): Promise<number> {
  const say = (sentence: string) => stderr.write(`ghostline: ${sentence}\n`);
  const script = await readScript(recording);
  if ('code' in script) {
    say(script.detail);
    return script.code;
  }
  const token = live && tokenFrom(live.tokenVariable.name);
  if (live?.tokenVariable.required && token === undefined) {
    say(`the environment variable ${live.tokenVariable.name}, named by --token-env, is not set.`);
    return 2;
  }

  const openClient: OpenClient = (seams) =>
    createCompletionClient({ ...seams, record: () => undefined, clientInfo: { name: 'ghostline-cli', version } });
  try {
    const report = live
      ? await replayLive(script, live, token, openClient, signal)
      : await replayScripted(script, openClient, signal);
    const about = { recording: basename(recording), server: live?.url ?? 'scripted' };
    stdout.write(
      json ? `${JSON.stringify(reportDocument(about, report), undefined, 2)}\n` : formatReport(about, report),
    );
    return 0;
  } catch (error) {
    if (error instanceof ServerFailure) {
      say(error.failure.detail);
      return 1;
    }
    if (signal.aborted) return INTERRUPTED;
    throw error;
  }
}

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

async function replayScripted(script: Script, openClient: OpenClient, signal: AbortSignal): Promise<ReplayReport> {
  const clock = createVirtualClock();
  const oracle = createOracle(script);
  const server = createScriptedServer(oracle, clock);
  try {
    return await replay(script, { openClient, server, clock, onStep: oracle.follow, signal });
  } finally {
    clock.dispose();
  }
}

/** Rejects with a `ServerFailure` at the first one that nothing will come of. */
async function replayLive(
  script: Script,
  { url, speed }: LiveServer,
  token: string | undefined,
  openClient: OpenClient,
  signal: AbortSignal,
): Promise<ReplayReport> {
  const clock = createRealClock();
  const transport = createHttpTransport({ serverUrl: () => url, setting: '--server', token: async () => token });
  const hopeless = new AbortController();
  return await replay(script, {
    openClient,
    server: estimateCosts(transport, clock.now),
    clock,
    speed,
    signal: AbortSignal.any([signal, hopeless.signal]),
    onTrace(entry) {
      if (entry.kind !== 'answered' || entry.outcome.kind !== 'failed') return;
      const { failure } = entry.outcome;
      if (HOPELESS.has(failure.reason)) hopeless.abort(new ServerFailure(failure));
    },
  });
}

/** A busy server or one bad answer spoils no replay; these are the same at every key. */
const HOPELESS: ReadonlySet<ClientFailure['reason']> = new Set([
  'unreachable',
  'unauthenticated',
  'rejected',
  'protocol',
]);

class ServerFailure extends Error {
  override readonly name = 'ServerFailure';
  readonly failure: ClientFailure;
  constructor(failure: ClientFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

interface Refusal {
  readonly code: number;
  readonly detail: string;
}

async function readScript(file: string): Promise<Script | Refusal> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    return { code: 1, detail: unreadable(file, error) };
  }
  const parsed = parseRecording(text);
  if (!parsed.ok) return { code: 1, detail: `${file}:${parsed.line}: ${parsed.detail}` };
  return toScript(parsed.recording);
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${file} does not exist.`;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return `${file} is not UTF-8 text.`;
  return `${file} cannot be read${typeof code === 'string' ? ` (${code})` : ''}.`;
}
