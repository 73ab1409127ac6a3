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
    async rename(from, to) {
      const content = files.get(from);
      if (!content) return false;
      files.delete(from);
      files.set(to, content);
      return true;
    },
    remove: async (name) => void files.delete(name),
  };
  return { folder, files };
}

describe('the outbox on disk', () => {
  it('gives back what was put, oldest first, to another window or after a restart', async () => {
    const { folder } = memoryFolder();
    const store = createDiskOutboxStore(folder);
    await store.put(LATE, '{"n":2}');
    await store.put(EARLY, '{"n":1}');
    await store.close();
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

  it('does not give what a window that is there will send itself, until it is gone or closed', async () => {
    const { folder } = memoryFolder();
    let now = Date.UTC(2026, 0, 1);
    const store = (owner: string) => createDiskOutboxStore(folder, { now: () => now, owner });
    const [first, second, third] = [store('first'), store('second'), store('third')];
    await first.put(EARLY, '{"n":1}');
    await second.put(LATE, '{"n":2}');
    expect(await first.list()).toEqual([]);
    expect(await third.list()).toEqual([]);
    await second.close();
    expect(await third.list()).toEqual([{ id: LATE, json: '{"n":2}' }]);
    expect(await first.list()).toEqual([]);
    now += 14 * 60_000;
    expect(await third.list()).toEqual([]);
    // It looks for the others when it asks its server again, and that says that it is there.
    await first.list();
    now += 14 * 60_000;
    expect(await third.list()).toEqual([]);
    now += 2 * 60_000;
    expect(await third.list()).toEqual([{ id: EARLY, json: '{"n":1}' }]);
    await third.delete([EARLY, LATE]);
    await third.close();
    expect(await folder.names()).toEqual([]);
  });

  it('gives a file to one window, when two ask for those of a third', async () => {
    const { folder } = memoryFolder();
    const gone = createDiskOutboxStore(folder);
    await gone.put(EARLY, '{}');
    await gone.put(LATE, '{}');
    await gone.close();
    const given = await Promise.all([createDiskOutboxStore(folder).list(), createDiskOutboxStore(folder).list()]);
    expect(
      given
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([EARLY, LATE]);
  });

  it('does not take a window for gone for ever when the clock was set back', async () => {
    const { folder } = memoryFolder();
    let now = Date.UTC(2026, 0, 2);
    const store = (owner: string) => createDiskOutboxStore(folder, { now: () => now, owner });
    await store('killed').put(EARLY, '{}');
    now = Date.UTC(2026, 0, 1);
    expect(await store('other').list()).toEqual([{ id: EARLY, json: '{}' }]);
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
    const store = createDiskOutboxStore(folder, { now: () => now });
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
