import type { Page } from 'playwright-core';
import { findGhostText } from '../../harness/workbench.ts';

/** From a key that a person pressed to the ghost text it led to, in ms by the clock of the page. */
export interface Sighting {
  /** Until it was in the document of the page; VS Code puts it there within the frame that shows it. */
  readonly ms: number;
  /** Until the page came to its next task, when that frame was drawn. */
  readonly drawnMs: number;
}

export interface GhostWatch {
  /** Presses `key` and waits for ghost text that begins with `expected`. Undefined when it has not come in time. */
  after(key: string, expected: string): Promise<Sighting | undefined>;
}

/** Long beyond what is measured; a key without ghost text is a loss that is reported. */
const TIMEOUT_MS = 1500;

/** Watches the page's own changes: nothing is polled, and the clock is that of the key event. */
export async function watchGhostText(page: Page): Promise<GhostWatch> {
  await page.evaluate(`(${installWatch.toString()})(${findGhostText.toString()})`);
  return {
    async after(key, expected) {
      await page.evaluate((text) => globalThis.ghostWatch!.expect(text), expected);
      await page.keyboard.press(key);
      return page.evaluate((timeoutMs) => globalThis.ghostWatch!.seen(timeoutMs), TIMEOUT_MS);
    },
  };
}

declare global {
  /** In the page. */
  var ghostWatch:
    | {
        expect(text: string): void;
        seen(timeoutMs: number): Promise<Sighting | undefined>;
      }
    | undefined;
}

/** Runs in the page, which is why all it needs is in it. */
function installWatch(find: typeof findGhostText): void {
  let expected: string | undefined;
  let keyAt: number | undefined;
  let seen = Promise.withResolvers<Sighting>();
  const anything = { source: '', flags: '' };

  addEventListener(
    'keydown',
    (event) => {
      // When the browser got it; of several keys in a chord, the last.
      if (expected !== undefined && event.isTrusted) keyAt = event.timeStamp;
    },
    true,
  );
  const look = (): void => {
    if (keyAt === undefined || expected === undefined || find(anything)?.startsWith(expected) !== true) return;
    const ms = performance.now() - keyAt;
    const from = keyAt;
    expected = keyAt = undefined;
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => seen.resolve({ ms, drawnMs: performance.now() - from }), { once: true });
    port1.start();
    port2.postMessage(undefined);
  };
  const workbench = document.querySelector('.monaco-workbench .part.editor')!;
  new MutationObserver(look).observe(workbench, { subtree: true, childList: true, characterData: true });

  globalThis.ghostWatch = {
    expect(text) {
      seen = Promise.withResolvers();
      expected = text;
      keyAt = undefined;
    },
    seen: (timeoutMs) =>
      Promise.race([
        seen.promise,
        new Promise<undefined>((resolve) => {
          setTimeout(resolve, timeoutMs);
        }),
      ]),
  };
}
