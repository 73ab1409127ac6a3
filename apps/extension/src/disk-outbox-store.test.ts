import { describe, expect, it } from 'vitest';
import { type Folder, createDiskOutboxStore } from './disk-outbox-store.ts';

const EARLY = '01936f00-0000-7000-8000-000000000001';
const LATE = '01936f00-ffff-7000-8000-000000000000';

function memoryFolder() {
  const files = new Map<string, Uint8Array>();
  const folder: Folder = {
    names: async () => [...files.keys()],
    read: async (name) => files.get(name),
    write: async (name, content) => void files.set(name, content),
    remove: async (name) => void files.delete(name),
  };
  return { folder, files };
}

describe('the outbox on disk', () => {
  it('gives back what was put, oldest first, also to another window or after a restart', async () => {
    const { folder } = memoryFolder();
    const store = createDiskOutboxStore(folder);
    await store.put(LATE, '{"n":2}');
    await store.put(EARLY, '{"n":1}');
    expect(await createDiskOutboxStore(folder).list()).toEqual([
      { id: EARLY, json: '{"n":1}' },
      { id: LATE, json: '{"n":2}' },
    ]);
  });

  it('deletes what is named, also what another window has deleted already', async () => {
    const { folder } = memoryFolder();
    const store = createDiskOutboxStore(folder);
    await store.put(EARLY, '{}');
    await store.put(LATE, '{}');
    await store.delete([EARLY]);
    await store.delete([EARLY, LATE]);
    expect(await store.list()).toEqual([]);
  });

  it('leaves out a file that vanishes between listing and reading', async () => {
    const { folder } = memoryFolder();
    await folder.write(`${EARLY}.json`, new Uint8Array());
    const store = createDiskOutboxStore({ ...folder, read: async () => undefined });
    expect(await store.list()).toEqual([]);
  });

  it('skips a file another window is still writing, and removes one that a crash left torn', async () => {
    const { folder, files } = memoryFolder();
    const written = Number.parseInt('01936f000000', 16);
    let now = written + 10;
    const store = createDiskOutboxStore(folder, () => now);
    await folder.write(`${EARLY}.json`, new TextEncoder().encode('{"type":"completion-sh'));
    expect(await store.list()).toEqual([]);
    expect(files.size).toBe(1);
    now = written + 61_000;
    expect(await store.list()).toEqual([]);
    expect(files.size).toBe(0);
  });

  it('is empty after clearing, even of what was being written when consent was withdrawn', async () => {
    const { folder, files } = memoryFolder();
    const disk = Promise.withResolvers<void>();
    const store = createDiskOutboxStore({
      ...folder,
      write: async (name, content) => {
        await disk.promise;
        await folder.write(name, content);
      },
    });
    const putting = store.put(EARLY, '{}');
    const clearing = store.clear();
    disk.resolve();
    await Promise.all([putting, clearing]);
    expect(files.size).toBe(0);
  });
});
