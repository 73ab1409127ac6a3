import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeStopStore } from '../testing/contracts.ts';
import { createMemoryStopStore } from '../testing/memory-stop-store.ts';
import { createFileStopMirror, createFileStopStore, createMirroredStopStore } from './stop-stores.ts';

function inFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'ghostline-stops-'));
  return { file: path.join(folder, 'deep', 'stops.json'), close: () => rmSync(folder, { recursive: true }) };
}

describeStopStore('a file', () => {
  const { file, close } = inFolder();
  return { store: createFileStopStore(file), close };
});

describeStopStore('the memory of a process', () => ({ store: createMemoryStopStore() }));

describeStopStore('a shared store with a copy on this machine', () => {
  const { file, close } = inFolder();
  return { store: createMirroredStopStore(createMemoryStopStore(), createFileStopMirror(file)), close };
});
