/** VS Code as a person uses it: the real workbench in a browser, with keyboard and eyes. Everything waits on conditions. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { type VscodeServer, startVscodeServer } from './vscode-web.ts';

/** A first start on two busy cores takes about half of it. */
const OPEN_TIMEOUT_MS = 90_000;
const STEP_TIMEOUT_MS = 30_000;
/** The editor creates its inline suggestions lazily: one asked for too early never comes, so waiting asks again. */
const ASK_AGAIN_MS = 1000;

export interface WorkbenchOptions {
  /** VSIX files to install into an otherwise empty VS Code. */
  readonly vsix: readonly string[];
  /** Folders of extensions that need no packaging, to have beside them; named as VS Code installs them. */
  readonly extensions?: readonly string[];
  readonly folder: string;
  /** Opened at start; absolute, or relative to the folder. */
  readonly file?: string;
  /** User settings, over `QUIET_SETTINGS`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default: false, as in stock VS Code. */
  readonly proposedApi?: boolean;
  /** Kept by the caller from one start to the next; default: a fresh one, removed at the end. */
  readonly userDataDir?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Added to the environment of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Workbench {
  readonly page: Page;
  /** Opens a file of the folder by its name, or shows its tab. */
  open(file: string): Promise<void>;
  /** Types into the active editor, key by key. */
  type(text: string, options?: { delayMs?: number }): Promise<void>;
  /** A key or chord in Playwright's words, in the active editor: `Tab`, `Control+ArrowRight`. */
  press(key: string): Promise<void>;
  /** The ghost text on screen now, its lines joined by `\n`; undefined when there is none. */
  ghostText(): Promise<string | undefined>;
  /** Resolves with the ghost text as soon as there is one that is (string) or matches (RegExp) what is expected. */
  waitForGhostText(expected?: string | RegExp): Promise<string>;
  waitForNoGhostText(): Promise<void>;
  /** The status bar item with this in its id, text or label, as soon as there is one; returns text and label. */
  statusBar(expected: string | RegExp): Promise<string>;
  /** Runs a command by its title in the command palette. */
  runCommand(title: string): Promise<void>;
  /** Fills in the input box that a command has opened. */
  answer(text: string): Promise<void>;
  /** The messages of the notifications on screen, newest first. */
  notifications(): Promise<string[]>;
  /** Saves the active file; returns what is then on disk. */
  save(): Promise<string>;
  /** Ends VS Code and the browser, and removes their folders. */
  close(): Promise<void>;
}

/** Starts VS Code on a folder; ready when the file is in its editor. Everything it starts ends with `close()`. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-workbench-'));
  let server: VscodeServer | undefined;
  let browser: BrowserContext | undefined;
  const close = async () => {
    await Promise.all([browser?.close(), server?.child.stop()]);
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const userDataDir = options.userDataDir ?? path.join(scratch, 'user-data');
    await mkdir(path.join(userDataDir, 'User'), { recursive: true });
    await writeFile(path.join(userDataDir, 'User', 'keybindings.json'), JSON.stringify([ASK]));
    const extensionsDir = path.join(scratch, 'extensions');
    // Before VS Code's own first installation: it takes over what it finds then, and nothing later.
    for (const folder of options.extensions ?? []) {
      await cp(folder, path.join(extensionsDir, path.basename(folder)), { recursive: true });
    }
    server = await startVscodeServer({
      scratch,
      userDataDir,
      extensionsDir,
      settings: options.settings ?? {},
      vsix: options.vsix,
      proposedApi: options.proposedApi ?? false,
      ...(options.env && { env: options.env }),
    });
    browser = await launchChromium({
      profileDir: path.join(userDataDir, 'chromium'),
      ...(options.viewport ? { viewport: options.viewport } : {}),
    });
    const page = browser.pages()[0] ?? (await browser.newPage());
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
    const file = options.file === undefined ? undefined : path.resolve(options.folder, options.file);
    const payload: [string, string][] = file === undefined ? [] : [['openFile', server.remoteUri(file)]];
    await page.goto(server.workbenchUrl(options.folder, payload), { waitUntil: 'commit' });
    await page.locator('.monaco-workbench').waitFor({ timeout: OPEN_TIMEOUT_MS });
    if (file !== undefined) {
      await activeEditor(page).waitFor({ timeout: OPEN_TIMEOUT_MS });
      await activeTab(page, file).waitFor({ timeout: OPEN_TIMEOUT_MS });
    }
    return control(page, options.folder, file, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** VS Code gives no key to asking by hand. */
const ASK = { key: 'ctrl+alt+f12', command: 'editor.action.inlineSuggest.trigger', when: 'editorTextFocus' };
const ASK_KEY = 'Control+Alt+F12';

const GROUP = '.editor-group-container.active';
const activeEditor = (page: Page): Locator => page.locator(`${GROUP} .monaco-editor`).first();
const activeTab = (page: Page, file: string): Locator =>
  page.locator(`${GROUP} .tab.active[data-resource-name="${path.basename(file)}"]`);

function control(page: Page, folder: string, opened: string | undefined, close: () => Promise<void>): Workbench {
  let file = opened;
  const quickInput = page.locator('.quick-input-widget');

  const focusEditor = async () => {
    const focused = page.locator(`${GROUP} .monaco-editor.focused`).first();
    if (!(await focused.isVisible())) await activeEditor(page).locator('.view-lines').click();
    await focused.waitFor();
  };
  /** Types into the picker that `key` opens and takes the entry that contains `entry`. */
  const pick = async (key: string, text: string, entry: string) => {
    await page.keyboard.press(key);
    await quickInput.locator('.quick-input-box input').fill(text);
    const row = quickInput.locator('.monaco-list-row.focused', { hasText: entry });
    await row.waitFor();
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'hidden' });
  };

  return {
    page,
    close,
    open: async (name) => {
      file = path.resolve(folder, name);
      await pick('Control+p', name, path.basename(name));
      await activeTab(page, file).waitFor();
      await focusEditor();
    },
    type: async (text, { delayMs = 0 } = {}) => {
      await focusEditor();
      await page.keyboard.type(text, { delay: delayMs });
    },
    press: async (key) => {
      await focusEditor();
      await page.keyboard.press(key);
    },
    ghostText: () => page.evaluate(findGhostText, matcher(/(?:)/)),
    waitForGhostText: async (expected = /(?:)/) => {
      const deadline = Date.now() + STEP_TIMEOUT_MS;
      while (Date.now() < deadline) {
        const found = await page
          .waitForFunction(findGhostText, matcher(expected), { timeout: ASK_AGAIN_MS })
          .then((handle) => handle.jsonValue())
          .catch(() => undefined);
        if (found !== undefined) return found;
        await focusEditor();
        await page.keyboard.press(ASK_KEY);
      }
      const seen = await page.evaluate(findGhostText, matcher(/(?:)/));
      throw new Error(`No ghost text like ${String(expected)} came; on screen is ${JSON.stringify(seen)}`);
    },
    waitForNoGhostText: async () => {
      await page.waitForFunction(
        () =>
          !document.querySelector(
            '.view-lines :is(.ghost-text-decoration, .ghost-text-decoration-preview), .suggest-preview-text',
          ),
      );
    },
    statusBar: async (expected) => {
      const handle = await page.waitForFunction(findStatusBarItem, matcher(expected, 'anywhere'));
      return (await handle.jsonValue()) ?? '';
    },
    runCommand: (title) => pick('F1', `>${title}`, title),
    answer: async (text) => {
      await quickInput.locator('.quick-input-box input').fill(text);
      await page.keyboard.press('Enter');
      await quickInput.waitFor({ state: 'hidden' });
    },
    notifications: () => page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts(),
    save: async () => {
      if (file === undefined) throw new Error('There is no file to save: open one first');
      await focusEditor();
      await page.keyboard.press('Control+s');
      await page.locator(`${GROUP} .tab.active:not(.dirty)[data-resource-name="${path.basename(file)}"]`).waitFor();
      return readFile(file, 'utf8');
    },
  };
}

/** A regular expression on its way into the page. */
interface Matcher {
  readonly source: string;
  readonly flags: string;
}

function matcher(expected: string | RegExp, where: 'whole' | 'anywhere' = 'whole'): Matcher {
  if (expected instanceof RegExp) return { source: expected.source, flags: expected.flags };
  const escaped = expected.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  return { source: where === 'whole' ? `^${escaped}$` : escaped, flags: '' };
}

/**
 * Runs in the page. Ghost text at the cursor is part of its line; further lines are a view zone below, in which the rest of
 * the cursor's line follows without the class.
 */
export function findGhostText({ source, flags }: Matcher): string | undefined {
  const inEach = (lines: string, ghost: string) =>
    [...document.querySelectorAll(`.editor-group-container.active .monaco-editor ${lines}`)].map((line) =>
      [...line.querySelectorAll(ghost)].map((span) => span.textContent.replaceAll('\u00a0', ' ')).join(''),
    );
  const here = inEach('.view-lines > .view-line', '.ghost-text-decoration, .ghost-text-decoration-preview').join('');
  const below = inEach('.suggest-preview-text > .view-line', '.ghost-text');
  if (here === '' && below.length === 0) return undefined;
  const text = [here, ...below].join('\n');
  return new RegExp(source, flags).test(text) ? text : undefined;
}

/** Runs in the page. */
function findStatusBarItem({ source, flags }: Matcher): string | undefined {
  return [...document.querySelectorAll('.statusbar-item')]
    .map((item) => ({ id: item.id, says: `${item.textContent.trim()} (${item.getAttribute('aria-label')})` }))
    .find(({ id, says }) => new RegExp(source, flags).test(`${id} ${says}`))?.says;
}
