import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MemoryPermitStore, createMemoryPermitStore } from '@ghostline/limits';

const SAVE_MS = 1_000;

export interface KeptCounts {
  readonly store: MemoryPermitStore;
  /** Writes what is left to write, and no more. */
  close(): void;
}

/**
 * Limits of a gateway on its own, which remembers over restarts what was spent of budgets: in a file that is written a second
 * after something was, and replaced as a whole.
 */
export function openKeptCounts(dataDir: string, onError: (error: unknown) => void): KeptCounts {
  const file = path.join(dataDir, 'budgets.json');
  const store = createMemoryPermitStore({ remembered: readKept(file, onError) });
  let written = '';
  let writing = false;

  async function save(): Promise<void> {
    const text = JSON.stringify(store.remembered());
    if (writing || text === written || (text === '[]' && written === '')) return;
    writing = true;
    try {
      await writeFile(`${file}.new`, text, { mode: 0o600 });
      await rename(`${file}.new`, file);
      written = text;
    } catch (error) {
      onError(error);
    }
    writing = false;
  }
  const timer = setInterval(() => void save(), SAVE_MS).unref();

  return {
    store,
    close() {
      clearInterval(timer);
      const text = JSON.stringify(store.remembered());
      if (text === written || (text === '[]' && written === '')) return;
      try {
        writeFileSync(`${file}.last`, text, { mode: 0o600 });
        renameSync(`${file}.last`, file);
      } catch (error) {
        onError(error);
      }
    },
  };
}

function readKept(file: string, onError: (error: unknown) => void): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
    return undefined;
  }
}
