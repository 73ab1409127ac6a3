import { request } from 'node:http';
import type { Keystroke } from '@ghostline/client';
import { eventually } from '../../harness/eventually.ts';

/** A turn of the event loop: how long it took, how long it computed and how long it waited for a processor, in ms. */
export type Turn = readonly [tookMs: number, computedMs: number, waitedMs: number];

/** The extension beside the one that is measured, in its extension host. */
export interface Probe {
  /** Resolves when an extension host other than `before` is up and the extension in it; returns what identifies it. */
  ready(extension: string, before?: number): Promise<number>;
  set(name: string, value: unknown): Promise<void>;
  open(file: string, line: number, character: number): Promise<void>;
  /** Of the active editor. */
  text(): Promise<string>;
  /** Ghostline's inspector, newest first. */
  keystrokes(): Promise<readonly Keystroke[]>;
  startupPerformance(): Promise<string | null>;
  watchLoop(): Promise<void>;
  /** The turns of the event loop since, or since the extension host has started. */
  unwatchLoop(): Promise<readonly Turn[]>;
  profile(): Promise<void>;
  /** A `.cpuprofile`. */
  unprofile(): Promise<unknown>;
}

/** A first start on two busy cores. */
const READY_TIMEOUT_MS = 60_000;

export function reachProbe(socket: string): Probe {
  // What it answers is what the extension beside it sends; both are part of this benchmark.
  async function ask<T>(deed: string, input: object = {}): Promise<T> {
    return JSON.parse(await post(socket, JSON.stringify({ deed, ...input }))) as T;
  }
  return {
    ready: (id, before) =>
      eventually(
        `${id} is active`,
        async () => {
          const pid = await ask<number>('processId').catch(() => before);
          if (pid === undefined || pid === before) return undefined;
          return (await ask<boolean>('isActive', { id })) ? pid : undefined;
        },
        READY_TIMEOUT_MS,
      ),
    set: (name, value) => ask('set', { name, value }),
    open: (file, line, character) => ask('open', { file, line, character }),
    text: () => ask('text'),
    keystrokes: () => ask('keystrokes'),
    startupPerformance: () => ask('startupPerformance'),
    watchLoop: () => ask('watchLoop'),
    unwatchLoop: () => ask('unwatchLoop'),
    profile: () => ask('profile'),
    unprofile: () => ask('unprofile'),
  };
}

function post(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST' }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`The probe in the extension host failed: ${text}`));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
