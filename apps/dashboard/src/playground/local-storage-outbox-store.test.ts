import { describe, expect, it } from 'vitest';
import { localStorageOutboxStore } from './local-storage-outbox-store.ts';

describe('the outbox in the browser’s storage', () => {
  it('lists what was put, oldest first, also to the next page', async () => {
    const storage = memoryStorage();
    await localStorageOutboxStore(storage).put('0002', '{"b":2}');
    await localStorageOutboxStore(storage).put('0001', '{"a":1}');
    await expect(localStorageOutboxStore(storage).list()).resolves.toEqual([
      { id: '0001', json: '{"a":1}' },
      { id: '0002', json: '{"b":2}' },
    ]);
  });
  it('forgets what was delivered, and leaves the page’s other settings alone', async () => {
    const storage = memoryStorage();
    storage.setItem('ghostline.theme', 'dark');
    const store = localStorageOutboxStore(storage);
    await store.put('0001', '{}');
    await store.delete(['0001', 'unknown']);
    await expect(store.list()).resolves.toEqual([]);
    expect(storage.getItem('ghostline.theme')).toBe('dark');
  });
  it('says so when the storage is full', async () => {
    const storage = Object.assign(memoryStorage(), {
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    await expect(localStorageOutboxStore(storage).put('0001', '{}')).rejects.toThrow('full');
  });
});

/** As a browser's: the entries are its own properties, the methods are not. */
function memoryStorage(): Storage {
  const methods = {
    getItem(key: string) {
      return Object.hasOwn(storage, key) ? (storage[key] as string) : null;
    },
    setItem(key: string, value: string) {
      storage[key] = value;
    },
    removeItem(key: string) {
      delete storage[key];
    },
    clear() {},
    key: () => null,
    length: 0,
  };
  const storage: Storage = Object.create(methods);
  return storage;
}
