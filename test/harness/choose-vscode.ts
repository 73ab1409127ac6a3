import path from 'node:path';
import { type ChildOptions, startChild } from './child-process.ts';
import { repository } from './repository.ts';

/** Which VS Code the tests run in, and a sentence that says why. */
export type Choice =
  | { readonly kind: 'executable'; readonly path: string; readonly why: string }
  | { readonly kind: 'desktop'; readonly why: string; readonly required: boolean }
  | { readonly kind: 'web'; readonly why: string };

export const SHIM = path.join(repository, 'test', 'harness', 'vscode-shim', 'code.ts');

/** 120 MB at half a megabyte per second. */
const DOWNLOAD_TIMEOUT_MS = 240_000;

/**
 * `GHOSTLINE_VSCODE` decides: `desktop`, `web`, or the path of an executable. Without it the desktop application is used
 * where it could open a window, and the web workbench elsewhere.
 */
export function decide(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): Choice {
  const wish = environment['GHOSTLINE_VSCODE'];
  if (wish === 'web') return { kind: 'web', why: 'GHOSTLINE_VSCODE is web' };
  if (wish === 'desktop') return { kind: 'desktop', why: 'GHOSTLINE_VSCODE is desktop', required: true };
  if (wish) return { kind: 'executable', path: path.resolve(wish), why: 'GHOSTLINE_VSCODE names it' };
  if (platform === 'darwin' || platform === 'win32') {
    return { kind: 'desktop', why: 'this machine has a desktop', required: false };
  }
  const display = environment['WAYLAND_DISPLAY'] ? 'WAYLAND_DISPLAY' : environment['DISPLAY'] ? 'DISPLAY' : undefined;
  if (display) return { kind: 'desktop', why: `${display} is set`, required: false };
  return { kind: 'web', why: 'there is no display (under xvfb-run, the desktop application is used)' };
}

export interface Vscode {
  readonly executable: string;
  /** For the reader of the test output. */
  readonly description: string;
}

/** Downloads the desktop application when it was chosen; where that fails and nobody insisted, the web workbench it is. */
export async function obtain(choice: Choice, download: () => Promise<string> = downloadDesktop): Promise<Vscode> {
  if (choice.kind === 'executable') return { executable: choice.path, description: `${choice.path}: ${choice.why}` };
  if (choice.kind === 'web') return web(choice.why);
  try {
    const executable = await download();
    return { executable, description: `desktop application (${executable}): ${choice.why}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (choice.required) throw new Error(`VS Code could not be downloaded: ${reason}`, { cause: error });
    return web(`${choice.why}, but the desktop application could not be downloaded (${reason})`);
  }
}

function web(why: string): Vscode {
  return { executable: SHIM, description: `web workbench in headless Chromium, with a real extension host: ${why}` };
}

export interface DownloadOptions extends Pick<ChildOptions, 'env' | 'onOutput'> {
  /** Default: `.vscode-test` in the repository. */
  readonly cachePath?: string;
  /** Default: 4 min. */
  readonly timeoutMs?: number;
}

/** The path of the desktop application's executable; throws, in one line, why there is none. */
export async function downloadDesktop(options: DownloadOptions = {}): Promise<string> {
  const { cachePath, timeoutMs = DOWNLOAD_TIMEOUT_MS, onOutput = (text) => process.stdout.write(text) } = options;
  const script = path.join(import.meta.dirname, 'download-desktop.ts');
  const child = await startChild(process.execPath, cachePath === undefined ? [script] : [script, cachePath], {
    onOutput,
    ...(options.env && { env: options.env }),
  });
  const deadline = setTimeout(() => void child.stop(), timeoutMs);
  const { code, signal } = await child.exited;
  clearTimeout(deadline);
  await child.closed;
  if (signal) throw new Error(`it was not complete after ${timeoutMs / 1000} s`);
  const lastLine = child.output().trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0) throw new Error(lastLine);
  return lastLine;
}
