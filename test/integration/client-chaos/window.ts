/**
 * One window of an editor: client, transport and an outbox on the disk, as the extension puts them together. As a program,
 * `node window.ts FOLDER URL`, it accepts one suggestion after another and says each event that is on the disk.
 */
import process from 'node:process';
import {
  type CompletionClient,
  type DocumentSnapshot,
  type Outbox,
  type SetTimer,
  createCompletionClient,
  createHttpTransport,
  createOutbox,
  createRegionalTransport,
} from '@ghostline/client';
import { createDiskOutboxStore } from '../../../apps/extension/src/disk-outbox-store.ts';
import { nodeFolder } from '../../../apps/extension/src/testing/node-folder.ts';

export interface Window {
  readonly client: CompletionClient;
  readonly outbox: Outbox;
  /** The ids of all events that the client has recorded, in order. */
  readonly recorded: readonly string[];
  /** How many timers wait. */
  readonly waiting: number;
  close(): Promise<void>;
}

export interface WindowOptions {
  readonly folder: string;
  readonly url: string;
  /** How far the clock of this window is ahead, in ms. */
  readonly aheadMs?: number;
  readonly silenceMs?: number;
  /** An event is on the disk. */
  readonly onStored?: (id: string, type: string) => void;
}

export function openWindow({ folder, url, aheadMs = 0, silenceMs = 10_000, onStored }: WindowOptions): Window {
  const recorded: string[] = [];
  let waiting = 0;
  const setTimer: SetTimer = (run, ms) => {
    waiting += 1;
    let isOver = false;
    const over = () => {
      if (!isOver) waiting -= 1;
      isOver = true;
    };
    const handle = setTimeout(() => {
      over();
      run();
    }, ms);
    return () => {
      over();
      clearTimeout(handle);
    };
  };
  const transport = createRegionalTransport({
    home: () => url,
    transportTo: (to) =>
      createHttpTransport({ serverUrl: () => to, token: async () => undefined, silenceMs, setTimer }),
    setTimer,
  });
  const store = createDiskOutboxStore(nodeFolder(folder), { now: () => Date.now() + aheadMs });
  const outbox = createOutbox({
    store: {
      ...store,
      async put(id, json) {
        await store.put(id, json);
        onStored?.(id, (JSON.parse(json) as { type: string }).type);
      },
    },
    send: transport.sendTelemetry,
    setTimer,
  });
  const client = createCompletionClient({
    transport,
    record(event) {
      recorded.push(event.event_id);
      outbox.record(event);
    },
    clientInfo: { name: 'test' },
    settings: () => ({ delayMs: 0, multiline: 'always', local: 'off' }),
    setTimer,
  });
  return {
    client,
    outbox,
    recorded,
    get waiting() {
      return waiting;
    },
    async close() {
      client.dispose();
      transport.dispose();
      await outbox.dispose();
    },
  };
}

/** The document of somebody who has typed `text`. */
export function typed(text: string, after = '\n'): DocumentSnapshot {
  return { uri: 'file:///a.ts', path: 'a.ts', language: 'typescript', text: text + after, cursor: text.length };
}

if (import.meta.main) {
  const [folder = '', url = ''] = process.argv.slice(2);
  const window = openWindow({
    folder,
    url,
    onStored: (id, type) => void process.stdout.write(`${type} ${id}\n`),
  });
  for (let line = 0; ; line++) {
    const document = typed(`const a${line} = `);
    const query = { document, trigger: 'automatic' as const, openDocuments: () => [] };
    const outcome = await window.client.complete(query, new AbortController().signal);
    if (outcome.kind !== 'suggested') throw new Error(`expected a suggestion, got ${JSON.stringify(outcome)}`);
    const [{ viewId, text, range }] = outcome.suggestions;
    window.client.shown(outcome.suggestions[0], 'inferred');
    window.client.changed({ uri: document.uri, offset: range.start, deleted: range.end - range.start, inserted: text });
    window.client.accepted(viewId, 'measured');
  }
}
