import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** What keeps a browser under test to itself: no sandbox (root in containers has none), no GPU, no calls home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Containers give /dev/shm 64 MB, which the workbench outgrows.
  '--disable-dev-shm-usage',
];

export interface BrowserOptions {
  readonly profileDir: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Default: the browser closes itself when this process is told to end. */
  readonly handleSignals?: boolean;
}

/** The system's Chromium, headless, with a profile of its own. */
export async function launchChromium(options: BrowserOptions): Promise<BrowserContext> {
  const handleSignals = options.handleSignals ?? true;
  return chromium.launchPersistentContext(options.profileDir, {
    executablePath: findChromium(),
    headless: true,
    args: FLAGS,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    handleSIGINT: handleSignals,
    handleSIGTERM: handleSignals,
    handleSIGHUP: handleSignals,
  });
}

/** Path of the browser: `GHOSTLINE_CHROMIUM`, or the first one installed; throws with the command that installs it. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['GHOSTLINE_CHROMIUM'];
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`GHOSTLINE_CHROMIUM is ${chosen}, which is no executable`);
  }
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const onPath = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  const found = [...onPath, ...APPLICATIONS].find(isExecutable);
  if (found) return found;
  throw new Error(
    'Chromium is needed to run VS Code and the pages. Install it with `sudo apt-get install -y chromium` ' +
      '(macOS: `brew install --cask chromium`), or set GHOSTLINE_CHROMIUM to the executable of a Chrome or Chromium.',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
