import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStopMirror, createFileStopStore, createMirroredStopStore } from './stop-stores.ts';
import { type Stop, type StopStore, createStopBoard } from './stops.ts';

const alice = { org: 'acme', user: 'alice' };
const stop: Stop = { scope: { kind: 'organisation', org: 'acme' }, reason: 'Enough.', by: 'hand', at: 1 };
const other: Stop = { scope: { kind: 'user', org: 'b/c', user: 'd' }, reason: 'Enough.', by: 'rule', at: 1, until: 50 };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-stops-'));
  file = path.join(folder, 'data', 'stops.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('stops in a file', () => {
  it('are there for the next process', async () => {
    const store = createFileStopStore(file);
    expect(await store.read()).toBeUndefined();
    await Promise.all([store.put([stop]), store.put([other])]);
    expect(await createFileStopStore(file).read()).toEqual([stop, other]);
    await store.remove(stop.scope);
    expect(await createFileStopStore(file).read()).toEqual([other]);
  });

  it('that is damaged are an error, and what is not a stop in it is left out', async () => {
    await createFileStopStore(file).put([stop]);
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), x: { scope: {} }, y: null }));
    expect(await createFileStopStore(file).read()).toEqual([stop]);
    await writeFile(file, '{');
    await expect(createFileStopStore(file).read()).rejects.toThrow('JSON');
  });
});

/** A store that can be away, or lose everything. */
function unsteadyStore() {
  const file = { stops: undefined as Stop[] | undefined, away: false };
  const answer = <T>(value: T) => (file.away ? Promise.reject(new Error('away')) : Promise.resolve(value));
  const store: StopStore = {
    read: () => answer(file.stops),
    put: (stops) => answer(undefined).then(() => void (file.stops = [...(file.stops ?? []), ...stops])),
    remove: (scope) =>
      answer(undefined).then(() => void (file.stops = file.stops?.filter((one) => one.scope.kind !== scope.kind))),
  };
  return { file, store };
}

describe('a copy of what is stopped', () => {
  /** A gateway that has just started. */
  async function started(shared: StopStore) {
    const board = createStopBoard({ store: createMirroredStopStore(shared, createFileStopMirror(file)) });
    await board.poll();
    return board;
  }

  it('is kept to by a gateway that starts while the store is away, until the store says otherwise', async () => {
    const { store, file: remote } = unsteadyStore();
    await createStopBoard({ store }).stop(stop);
    await started(store);
    remote.away = true;
    const restarted = await started(store);
    expect(restarted.covering(alice, 2)).toEqual(stop);
    await restarted.poll();
    expect(restarted.covering(alice, 2)).toEqual(stop);
    remote.away = false;
    remote.stops = [];
    await restarted.poll();
    expect(restarted.covering(alice, 2)).toBeUndefined();
    remote.away = true;
    expect((await started(store)).covering(alice, 2)).toBeUndefined();
  });

  it('is put back into a store that has lost it meanwhile', async () => {
    const { store, file: remote } = unsteadyStore();
    await (await started(store)).stop(stop);
    remote.stops = undefined;
    expect((await started(store)).covering(alice, 2)).toEqual(stop);
    expect(remote.stops).toEqual([stop]);
  });

  it('has what the store could not be told, and what it was told to resume', async () => {
    const { store, file: remote } = unsteadyStore();
    const first = await started(store);
    remote.away = true;
    expect(await first.stop(stop)).toBe(false);
    const second = await started(store);
    expect(second.covering(alice, 2)).toEqual(stop);
    await second.resume(stop.scope);
    expect((await started(store)).covering(alice, 2)).toBeUndefined();
  });

  it('tells a store that comes back what an earlier process could not', async () => {
    const { store, file: remote } = unsteadyStore();
    const first = await started(store);
    expect(remote.stops).toEqual([]);
    remote.away = true;
    await first.stop(stop);
    // As after kill -9: nothing but the file is left of it.
    const second = await started(store);
    remote.away = false;
    await second.poll();
    expect(remote.stops).toEqual([stop]);
    expect(second.covering(alice, 2)).toEqual(stop);
    await second.poll();
    remote.stops = [];
    await second.poll();
    expect(second.covering(alice, 2)).toBeUndefined();
    expect((await started(store)).covering(alice, 2)).toBeUndefined();
  });

  it('tells it what was resumed, and ends no other stop than that one', async () => {
    const { store, file: remote } = unsteadyStore();
    const newer = { ...stop, at: 7 };
    for (const [meanwhile, left] of [
      [stop, undefined],
      [newer, newer],
    ] as const) {
      remote.stops = [stop];
      const first = await started(store);
      remote.away = true;
      expect(await first.resume(stop.scope)).toEqual({ found: true, everywhere: false });
      const second = await started(store);
      expect(second.covering(alice, 8)).toBeUndefined();
      remote.away = false;
      remote.stops = [meanwhile];
      await second.poll();
      expect(second.covering(alice, 8)).toEqual(left);
      expect(remote.stops).toEqual(left ? [left] : []);
    }
  });

  it('keeps what is decided while the store is answering', async () => {
    const { store, file: remote } = unsteadyStore();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const slow: StopStore = {
      ...store,
      async read() {
        const stops = await store.read();
        ask();
        await gate;
        return stops;
      },
    };
    await store.put([]);
    const board = createStopBoard({ store: createMirroredStopStore(slow, createFileStopMirror(file)) });
    const polled = board.poll();
    await asked;
    remote.away = true;
    await board.stop(stop);
    open();
    await polled;
    expect((await started(store)).covering(alice, 2)).toEqual(stop);
  });

  it('keeps what was decided last, however late the store takes what was decided before', async () => {
    const { store, file: remote } = unsteadyStore();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const late: StopStore = {
      ...store,
      async put(stops) {
        await gate;
        await store.put(stops);
      },
    };
    await store.put([]);
    const board = createStopBoard({ store: createMirroredStopStore(late, createFileStopMirror(file)) });
    await board.poll();
    const stopped = board.stop(stop);
    const resumed = board.resume(stop.scope);
    await resumed;
    open();
    await stopped;
    remote.away = true;
    expect((await started(store)).covering(alice, 2)).toBeUndefined();
  });

  it('says once what it had while the store is away, and then that it is away', async () => {
    const { store, file: remote } = unsteadyStore();
    await (await started(store)).stop(stop);
    remote.away = true;
    const errors: unknown[] = [];
    const mirrored = createMirroredStopStore(store, createFileStopMirror(file));
    const board = createStopBoard({ store: mirrored, onError: (error) => errors.push(error) });
    await board.poll();
    expect(errors).toEqual([]);
    await board.poll();
    expect(errors).toEqual([new Error('away')]);
    expect(board.covering(alice, 2)).toEqual(stop);
  });

  it('is in force before anybody was asked', async () => {
    const { store } = unsteadyStore();
    await (await started(store)).stop(stop);
    const never: StopStore = { ...store, read: () => new Promise(() => {}) };
    const board = createStopBoard({ store: createMirroredStopStore(never, createFileStopMirror(file)) });
    await board.recall();
    expect(board.covering(alice, 2)).toEqual(stop);
    expect(board.heard()).toBe(true);
  });

  it('that is damaged or cannot be written harms nobody', async () => {
    const { store } = unsteadyStore();
    await createStopBoard({ store }).stop(stop);
    await started(store);
    await writeFile(file, '{');
    expect((await started(store)).covering(alice, 2)).toEqual(stop);
    await rm(path.dirname(file), { recursive: true });
    await writeFile(path.dirname(file), 'no folder');
    expect((await started(store)).covering(alice, 2)).toEqual(stop);
  });
});

describe('what a gateway keeps to', () => {
  it('is what another one stopped, from the next look on', async () => {
    const { store } = unsteadyStore();
    const [one, another] = [createStopBoard({ store }), createStopBoard({ store })];
    expect(await one.stop(stop)).toBe(true);
    expect(one.covering(alice, 2)).toEqual(stop);
    expect(another.covering(alice, 2)).toBeUndefined();
    await another.poll();
    expect(another.covering(alice, 2)).toEqual(stop);
    expect(await another.resume(stop.scope)).toEqual({ found: true, everywhere: true });
    await one.poll();
    expect(one.covering(alice, 2)).toBeUndefined();
  });

  it('stays in force while the store is away', async () => {
    const { store, file } = unsteadyStore();
    const board = createStopBoard({ store });
    await board.stop(stop);
    file.away = true;
    await board.poll();
    expect(board.covering(alice, 2)).toEqual(stop);
  });

  it('is told to a store that was away, or has lost it', async () => {
    const { store, file } = unsteadyStore();
    const board = createStopBoard({ store });
    await board.poll();
    file.away = true;
    expect(await board.stop(stop)).toBe(false);
    expect(board.covering(alice, 2)).toEqual(stop);
    await board.poll();
    file.away = false;
    await board.poll();
    expect(file.stops).toEqual([stop]);
    file.stops = undefined;
    await board.poll();
    expect(file.stops).toEqual([stop]);
    expect(board.covering(alice, 2)).toEqual(stop);
  });

  it('is resumed where the store could not be told, and stays so', async () => {
    const { store, file } = unsteadyStore();
    const board = createStopBoard({ store });
    await board.stop(stop);
    file.away = true;
    expect(await board.resume(stop.scope)).toEqual({ found: true, everywhere: false });
    file.away = false;
    await board.poll();
    expect(file.stops).toEqual([]);
    expect(board.covering(alice, 2)).toBeUndefined();
  });

  it('is not undone by an answer of the store that is older', async () => {
    const { store } = unsteadyStore();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let reads = 0;
    const board = createStopBoard({
      store: {
        ...store,
        async read() {
          const stops = await store.read();
          if ((reads += 1) === 1) await gate;
          return stops ?? [];
        },
      },
    });
    const polled = board.poll();
    await board.stop(stop);
    open();
    await polled;
    expect(board.covering(alice, 2)).toEqual(stop);
  });

  it('ends by itself when it has an end', async () => {
    const board = createStopBoard({ store: unsteadyStore().store });
    await board.stop(other);
    const dee = { org: 'b/c', user: 'd' };
    expect(board.covering(dee, 49)).toEqual(other);
    expect(board.covering({ org: 'b', user: 'c/d' }, 49)).toBeUndefined();
    expect(board.covering(dee, 50)).toBeUndefined();
    expect(board.all(50)).toEqual([]);
  });

  it('is said when it begins and when it ends', async () => {
    const heard: string[] = [];
    const { store } = unsteadyStore();
    const board = createStopBoard({
      store,
      onChange: ({ stopped, resumed }) =>
        heard.push(stopped ? `stopped ${stopped.reason}` : `resumed ${resumed?.reason}`),
    });
    await board.stop(stop);
    await board.poll();
    await board.resume(stop.scope);
    expect(heard).toEqual(['stopped Enough.', 'resumed Enough.']);
  });
});

describe('a gateway that has heard nothing yet', () => {
  const feared: Stop = { scope: { kind: 'everything' }, reason: 'Nobody knows.', by: 'rule', at: 0 };
  const boardOf = (store: StopStore) => createStopBoard({ store, unheard: () => feared });

  it('keeps to what is feared, until the store has answered', async () => {
    const { store, file: remote } = unsteadyStore();
    remote.away = true;
    const board = boardOf(createMirroredStopStore(store, createFileStopMirror(file)));
    await board.recall();
    await board.poll();
    expect(board.covering(alice, 2)).toEqual(feared);
    expect(board.all(2)).toEqual([feared]);
    expect(board.heard()).toBe(false);
    remote.away = false;
    await board.poll();
    expect(board.covering(alice, 2)).toBeUndefined();
    expect(remote.stops).toEqual([]);
    remote.away = true;
    await board.poll();
    expect(board.covering(alice, 2)).toBeUndefined();
  });

  it('goes on when somebody says so, here alone', async () => {
    const { store, file: remote } = unsteadyStore();
    await store.put([stop, { ...feared, reason: 'Meant.' }]);
    remote.away = true;
    const board = boardOf(store);
    await board.poll();
    expect(await board.resume(feared.scope)).toEqual({ found: true, everywhere: false });
    expect(board.covering(alice, 2)).toBeUndefined();
    remote.away = false;
    await board.poll();
    expect(board.covering(alice, 2)).toMatchObject({ reason: 'Meant.' });
    expect(remote.stops).toHaveLength(2);
  });
});
