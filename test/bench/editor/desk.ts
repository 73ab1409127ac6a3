/** A workbench with one extension to measure, and what it takes to measure it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Keystroke } from '@ghostline/client';
import { repository } from '../../harness/repository.ts';
import { type Workbench, openWorkbench } from '../../harness/workbench.ts';
import { type GhostWatch, watchGhostText } from './ghost-watch.ts';
import { type Probe, reachProbe } from './probe.ts';

const VSIX = path.join(repository, 'apps', 'extension', 'dist', 'ghostline.vsix');
const FLOOR = path.join(import.meta.dirname, 'floor-extension');
const PROBE = path.join(import.meta.dirname, 'probe-extension');

/** The extension that is measured: ours, or the floor under it. */
export type Subject = 'floor' | 'ghostline';

export const EXTENSION_ID: Record<Subject, string> = { floor: 'bench.floor', ghostline: 'ghostline.ghostline' };

export interface Desk {
  readonly subject: Subject;
  readonly page: Workbench['page'];
  readonly probe: Probe;
  watch(): GhostWatch;
  /** Opens a file of the workspace with the cursor there, and waits for the editor to have the keyboard. */
  open(file: string, line: number, character?: number): Promise<void>;
  /** The window anew, and with it the extension host. */
  reload(): Promise<void>;
  /** Resolves when the status bar says so. */
  says(status: string): Promise<string>;
  /** What the inspector has that it had not when asked before, oldest first. Empty for the floor. */
  newKeystrokes(): Promise<readonly Keystroke[]>;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly serverUrl: string;
  /** Profiles the extension host from its start on. */
  readonly profiles: boolean;
}

export async function openDesk(subject: Subject, { files, serverUrl, profiles }: DeskOptions): Promise<Desk> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-bench-'));
  const folder = path.join(scratch, 'workspace');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const socket = path.join(scratch, 'probe.sock');
  const workbench = await openWorkbench({
    vsix: subject === 'ghostline' ? [VSIX] : [],
    extensions: subject === 'ghostline' ? [PROBE] : [PROBE, FLOOR],
    folder,
    file: Object.keys(files)[0]!,
    env: { GHOSTLINE_BENCH_SOCKET: socket, ...(profiles && { GHOSTLINE_BENCH_PROFILE: 'from the start' }) },
    settings: { 'ghostline.serverUrl': serverUrl },
  });
  const probe = reachProbe(socket);
  const { page } = workbench;
  let host = await probe.ready(EXTENSION_ID[subject]);
  let watch = await watchGhostText(page);
  let lastId = 0;
  return {
    subject,
    page,
    probe,
    watch: () => watch,
    says: workbench.statusBar,
    async open(file, line, character = 0) {
      await probe.open(path.join(folder, file), line, character);
      await page.locator(`.editor-group-container.active .tab.active[data-resource-name="${file}"]`).waitFor();
      await page.locator('.editor-group-container.active .monaco-editor.focused').first().waitFor();
    },
    async reload() {
      await page.reload({ waitUntil: 'commit' });
      await page.locator('.editor-group-container.active .monaco-editor').first().waitFor();
      host = await probe.ready(EXTENSION_ID[subject], host);
      watch = await watchGhostText(page);
    },
    async newKeystrokes() {
      const fresh = (await probe.keystrokes()).filter(({ id }) => id > lastId);
      lastId = Math.max(lastId, ...fresh.map(({ id }) => id));
      return fresh.toReversed();
    },
    async close() {
      await workbench.close();
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
