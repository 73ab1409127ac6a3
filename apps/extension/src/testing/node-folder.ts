import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Folder } from '../disk-outbox-store.ts';

/** A real folder on the disk, with the semantics of the one VS Code gives. */
export function nodeFolder(directory: string): Folder {
  const at = (name: string) => path.join(directory, name);
  return {
    names: async () => (await unlessMissing(readdir(directory))) ?? [],
    read: (name) => unlessMissing(readFile(at(name))),
    async write(name, content) {
      await mkdir(directory, { recursive: true });
      await writeFile(at(name), content);
    },
    rename: async (from, to) => (await unlessMissing(rename(at(from), at(to)).then(() => true))) ?? false,
    remove: (name) => rm(at(name), { force: true }),
  };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
