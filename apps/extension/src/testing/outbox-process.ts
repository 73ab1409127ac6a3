/** One window of an editor as far as its outbox goes: `node outbox-process.ts FOLDER put|send [URL COUNT AHEAD_MS]`. */
import { createHttpTransport, createOutbox } from '@ghostline/client';
import { createDiskOutboxStore } from '../disk-outbox-store.ts';
import { nodeFolder } from './node-folder.ts';
import { anEvent } from './outbox-events.ts';

const [directory = '', mode = '', url = '', count = '0', aheadMs = '0'] = process.argv.slice(2);
const store = createDiskOutboxStore(nodeFolder(directory), { now: () => Date.now() + Number(aheadMs) });

/** Says each event that is on the disk, until somebody ends it. */
async function putForEver(): Promise<never> {
  for (;;) {
    const event = anEvent();
    await store.put(event.event_id, JSON.stringify(event));
    process.stdout.write(`${event.event_id}\n`);
  }
}

/** Records `count` events, and sends these and what others have left. */
async function sendAll(): Promise<void> {
  const transport = createHttpTransport({ serverUrl: () => url, token: async () => undefined });
  const own = new Set<string>();
  const outbox = createOutbox({
    store,
    async send(events, signal) {
      const receipt = await transport.sendTelemetry(events, signal);
      for (const event of events) own.delete(event.event_id);
      return receipt;
    },
  });
  for (let n = 0; n < Number(count); n++) {
    const event = anEvent();
    own.add(event.event_id);
    outbox.record(event);
    process.stdout.write(`${event.event_id}\n`);
    if (n % 20 === 0) await outbox.flush();
  }
  do await outbox.flush();
  while (own.size > 0);
  await outbox.dispose();
}

await (mode === 'put' ? putForEver() : sendAll());
