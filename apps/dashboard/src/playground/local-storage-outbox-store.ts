import type { OutboxStore } from '@ghostline/client';

const PREFIX = 'ghostline.outbox.';

/** Events in the browser's storage, one entry each: a reload, a crash or an hour without a server loses none. */
export function localStorageOutboxStore(storage: Storage = localStorage): OutboxStore {
  return {
    async put(id, json) {
      storage.setItem(PREFIX + id, json);
    },
    async list() {
      return Object.keys(storage)
        .filter((key) => key.startsWith(PREFIX))
        .toSorted()
        .flatMap((key) => {
          const json = storage.getItem(key);
          return json === null ? [] : [{ id: key.slice(PREFIX.length), json }];
        });
    },
    async delete(ids) {
      for (const id of ids) storage.removeItem(PREFIX + id);
    },
  };
}
