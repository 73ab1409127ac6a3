/** The inspector in a real browser, under the content policy of a webview. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Keystroke } from '@ghostline/client';
import { KEYSTROKES, keystroke, typingSession } from '@ghostline/inspector/testing';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { repository } from '../harness/repository.ts';

const ORIGIN = 'https://webview.test';
const POLICY = `default-src 'none'; style-src ${ORIGIN}; script-src 'nonce-of-this-page'`;
const PAGE = `<!doctype html><html lang="en"><title>Inspector</title><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/webview.css"><link rel="stylesheet" href="/page.css">
<body><script nonce="of-this-page" src="/webview.js"></script>`;

let folder: string;
let browser: BrowserContext;
let page: Page;
let mistakes: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-inspector-'));
  const { outputFiles } = await build({
    entryPoints: ['./browser/inspector/webview.ts', '@ghostline/inspector/inspector.css'],
    absWorkingDir: path.join(repository, 'test'),
    bundle: true,
    write: false,
    outdir: folder,
    format: 'iife',
    target: 'es2024',
  });
  const built = (ending: string) => outputFiles.find((file) => file.path.endsWith(ending))!.text;
  const files: Record<string, { readonly contentType: string; readonly body: string }> = {
    '/': { contentType: 'text/html', body: PAGE },
    '/webview.js': { contentType: 'text/javascript', body: built('.js') },
    '/webview.css': { contentType: 'text/css', body: built('.css') },
    '/page.css': {
      contentType: 'text/css',
      body: 'html, body { height: 100%; margin: 0 } body { background: light-dark(#fff, #131716) }',
    },
  };
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
  await browser.route(`${ORIGIN}/**`, (route) => {
    const file = files[new URL(route.request().url()).pathname];
    return file
      ? route.fulfill({ ...file, headers: { 'content-security-policy': POLICY } })
      : route.fulfill({ status: 204, body: '' });
  });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

beforeEach(async () => {
  await page?.close();
  mistakes = [];
  page = await browser.newPage();
  page.on('pageerror', (error) => mistakes.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text());
  });
  await page.setViewportSize({ width: 360, height: 760 });
  await page.goto(`${ORIGIN}/`);
});

const rows = () => page.getByRole('option');
const selected = () => page.locator('[role="option"][aria-selected="true"]');
const sentence = () => page.locator('.gl-sentence');
const newer = () => page.locator('.gl-waiting');
const list = () => page.getByRole('listbox');

/** As the host sends them; resolves when they are drawn. */
async function send(keystrokes: readonly Keystroke[]): Promise<void> {
  await page.evaluate(async (json) => {
    postMessage({ keystrokes: JSON.parse(json) });
    await new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }, JSON.stringify(keystrokes));
}

const along = (id: number, changes: Partial<Keystroke> = {}) => keystroke({ id, ...changes });
const of = (name: keyof typeof KEYSTROKES, id: number) => ({ ...KEYSTROKES[name], id, at: along(id).at });

describe('the inspector', () => {
  it('says that nothing was typed yet', async () => {
    await page.getByText('Nothing typed yet.').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
  });

  it('answers the question first, for the newest keystroke', async () => {
    await send([of('mid-word', 2), of('asked', 1)]);
    expect(await sentence().innerText()).toBe('No suggestion: the cursor is in the middle of a word.');
    expect(await page.locator('.gl-fix').innerText()).toBe('Ghostline asks there only by hand (Alt+\\).');
    await send([along(3), of('mid-word', 2), of('asked', 1)]);
    expect(await sentence().innerText()).toContain('you typed what it says');
  });

  it('shows every kind of keystroke under a strict content policy, without an error', async () => {
    const all = Object.values(KEYSTROKES).toReversed();
    await send(all);
    for (const row of await rows().all()) {
      await row.click();
      expect(await sentence().innerText()).not.toBe('');
    }
    expect(mistakes).toEqual([]);
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    // That the policy is in force: this page may not do what the inspector must not.
    expect(mistakes.join()).toContain('Content Security Policy');
  });

  it('shows the steps in time, the context, the answer and the code of a request', async () => {
    await send([of('with late sources and secrets', 1)]);
    const stages = await page.locator('.gl-stage').evaluateAll((lines) =>
      lines.map((line) => {
        const bar = line.querySelector('.gl-bar')!.getBoundingClientRect();
        return {
          stage: line.getAttribute('data-stage'),
          decided: line.hasAttribute('data-decided'),
          left: bar.left,
          width: bar.width,
        };
      }),
    );
    expect(stages.map(({ stage }) => stage)).toEqual(
      KEYSTROKES['with late sources and secrets'].stages.map(({ stage }) => stage),
    );
    expect(stages.filter(({ decided }) => decided).map(({ stage }) => stage)).toEqual(['network']);
    const [pace, context, network] = stages.slice(-3);
    expect(pace!.left + pace!.width).toBeCloseTo(context!.left, 0);
    expect(network!.width / pace!.width).toBeCloseTo(58 / 62, 1);
    const text = await page.locator('.gl-detail').innerText();
    for (const part of [
      /Waited 140 ms for another key: calm pace, within a word, longer, after dismissed suggestions\./,
      /eu-west-a/,
      /Came too late\s+definition, viewed lately/,
      /Secrets overwritten\s+2/,
      /3 files or parts/,
      /src\/shop\/\s*pricing\.ts/,
      /It is left out of reports/,
      /const total = items\.reduce/,
    ]) {
      expect(text).toMatch(part);
    }
  });

  it('shows a step that was returned to as one line, where it was left last', async () => {
    const stages = (['gate', 'type-through', 'cache', 'gate'] as const).map((stage) => ({ stage, ms: 1 }));
    await send([{ ...of('mid-word', 1), stages, totalMs: 4 }]);
    const lines = page.locator('.gl-stage');
    expect(await lines.evaluateAll((all) => all.map((line) => line.getAttribute('data-stage')))).toEqual([
      'type-through',
      'cache',
      'gate',
    ]);
    expect(await lines.last().locator('.gl-bar').count()).toBe(2);
    expect(await lines.last().locator('.gl-ms').innerText()).toBe('2 ms');
  });

  it('folds keystrokes that came to the same, and shows each of them', async () => {
    await send([along(4, { totalMs: 0.4 }), along(3, { totalMs: 0.3 }), of('mid-word', 2), along(1)]);
    expect(await rows().allInnerTexts()).toHaveLength(3);
    expect(await rows().first().getAttribute('aria-label')).toMatch(/^Shown: typed along, 2 times, up to 0\.4 ms, /);
    const times = page.locator('[data-section="times"] .gl-aside');
    expect(await times.innerText()).toBe('0.4 ms');
    await page.getByRole('button', { name: 'Older of these' }).click();
    expect(await times.innerText()).toBe('0.3 ms');
    expect(await page.locator('.gl-position').innerText()).toBe('2 of 2 alike');
  });
});

describe('while keystrokes come in', () => {
  it('what is being read stays where it is, and the newer ones wait', async () => {
    const session = typingSession(60);
    await send(session.slice(10));
    await rows().nth(4).click();
    const before = { text: await sentence().innerText(), box: await selected().boundingBox() };
    await send(session);
    expect({ text: await sentence().innerText(), box: await selected().boundingBox() }).toEqual(before);
    expect(await newer().innerText()).toBe('10 newer keystrokes');
    await newer().click();
    expect(await newer().isVisible()).toBe(false);
    expect(await rows().first().getAttribute('aria-selected')).toBe('true');
    expect(await list().evaluate((node) => node.scrollTop)).toBe(0);
  });

  it('scrolling away holds the list, and scrolling back lets it go', async () => {
    const session = typingSession(100);
    await send(session.slice(5));
    await list().evaluate((node) => (node.scrollTop = 300));
    await send(session);
    expect(await newer().isVisible()).toBe(true);
    expect(await list().evaluate((node) => node.scrollTop)).toBe(300);
    await list().evaluate((node) => (node.scrollTop = 0));
    await expect.poll(() => newer().isVisible()).toBe(false);
  });

  it('whoever looks into the detail keeps it', async () => {
    await send([of('asked', 1)]);
    await page.getByText('On the server').click();
    await send([along(2), of('asked', 1)]);
    expect(await sentence().innerText()).toContain('was asked');
    expect(await newer().innerText()).toBe('1 newer keystroke');
  });

  it('says what became of it, without taking away what is selected or has the focus', async () => {
    await send([{ ...of('asked', 1), fate: 'shown' }]);
    await rows().first().click();
    await page.locator('[data-section="code"] pre').focus();
    await page.evaluate(() => getSelection()!.selectAllChildren(document.querySelector('.gl-sentence')!));
    await send([of('asked', 1)]);
    expect(await page.locator('[data-section="fate"]').innerText()).toContain('You accepted it.');
    expect(await rows().first().getAttribute('data-fate')).toBe('accepted');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('PRE');
    expect(await page.evaluate(() => String(getSelection()))).toBe(await sentence().innerText());
  });

  it('draws a hundred in less than a frame', async () => {
    const session = typingSession(140);
    await send(session.slice(40));
    const times: number[] = [];
    for (let from = 39; from >= 0; from -= 1) {
      const json = JSON.stringify(session.slice(from, from + 100));
      times.push(
        await page.evaluate(async (json) => {
          postMessage({ keystrokes: JSON.parse(json) });
          await new Promise((resolve) => addEventListener('message', resolve, { once: true }));
          return new Promise<number>((resolve) => {
            // The inspector asked for this frame first: what it does in it lies between the two.
            requestAnimationFrame((start) => {
              document.body.getBoundingClientRect();
              resolve(performance.now() - start);
            });
          });
        }, json),
      );
    }
    times.sort((a, b) => a - b);
    console.log(
      `inspector: 100 keystrokes drawn in ${times[20]!.toFixed(1)} ms (p50), ${times[36]!.toFixed(1)} ms (p90)`,
    );
    expect(times[20]).toBeLessThan(16);
  });
});

describe('with the keyboard alone', () => {
  it('one tab stop leads into the list, and keys go through it', async () => {
    await send([of('mid-word', 5), of('asked', 4), of('silent', 3), of('unreachable', 2), of('from cache', 1)]);
    expect(await page.locator('[role="option"][tabindex="0"]').count()).toBe(1);
    await rows().first().focus();
    const labels = async (key: string) => {
      await page.keyboard.press(key);
      expect(await selected().evaluate((node) => node === document.activeElement)).toBe(true);
      return (await selected().getAttribute('aria-label'))!.split(',')[0];
    };
    expect(await labels('ArrowDown')).toBe('Shown: asked eu-west');
    expect(await labels('End')).toBe('Shown: shown from cache');
    expect(await labels('ArrowDown')).toBe('Shown: shown from cache');
    expect(await labels('ArrowUp')).toBe('Failed: failed: server is away');
    expect(await labels('Home')).toBe('Not asked: not asked: middle of a word');
    expect(await labels('PageDown')).toBe('Shown: shown from cache');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Why');
    await page.keyboard.press('Escape');
    expect(await selected().evaluate((node) => node === document.activeElement)).toBe(true);
  });

  it('Escape goes back to following', async () => {
    await send([of('asked', 2), of('silent', 1)]);
    await rows().first().focus();
    await page.keyboard.press('ArrowDown');
    await send([of('mid-word', 3), of('asked', 2), of('silent', 1)]);
    expect(await newer().isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await sentence().innerText()).toContain('middle of a word');
    await send([of('shed', 4), of('mid-word', 3), of('asked', 2), of('silent', 1)]);
    expect(await sentence().innerText()).toContain('server is busy');
  });

  it('the focus goes along with what is followed, and is not lost with a line', async () => {
    const session = typingSession(120);
    await send(session.slice(20));
    await rows().first().focus();
    await send(session.slice(19));
    expect(
      await rows()
        .first()
        .evaluate((node) => node === document.activeElement),
    ).toBe(true);
    await send(session.slice(0, 1));
    expect(await rows().count()).toBe(1);
    expect(
      await rows()
        .first()
        .evaluate((node) => node === document.activeElement),
    ).toBe(true);
    expect(await page.locator('[role="option"][tabindex="0"]').count()).toBe(1);
  });
});

describe('one kind of keystroke', () => {
  it('can be looked for, with how many there are', async () => {
    await send(Object.values(KEYSTROKES).toReversed());
    const failed = page.getByRole('button', { name: 'Failed 7' });
    await failed.click();
    expect(await failed.getAttribute('aria-pressed')).toBe('true');
    const kinds = await rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-kind')));
    expect(new Set(kinds)).toEqual(new Set(['failed']));
  });
  it('may have none, and says so', async () => {
    await send([of('asked', 1)]);
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.getByText('No keystroke of this kind').waitFor();
    expect(await page.locator('.gl-detail').isVisible()).toBe(false);
  });
});

describe('a report', () => {
  const isRedacted = (json: string) => {
    const report = JSON.parse(json) as { version: number; client: unknown; keystrokes: unknown[] };
    expect(report).toMatchObject({ version: 1, client: { name: 'test', version: '1.2.3' } });
    expect(report.keystrokes).toHaveLength(2);
    expect(json).not.toMatch(/items\.reduce|const total|checkout|pricing/);
  };
  it('is copied without code', async () => {
    await send([of('mid-word', 2), of('asked', 1)]);
    await page.getByRole('button', { name: 'Copy report' }).click();
    await page.getByText('Copied.').waitFor();
    isRedacted(await page.evaluate(() => navigator.clipboard.readText()));
  });
  it('is saved where the host says, without code', async () => {
    await send([of('mid-word', 2), of('asked', 1)]);
    await page.getByRole('button', { name: 'Save report…' }).click();
    const [[what, fileName, json]] = (await page.evaluate(() => window.asked)) as [[string, string, string]];
    expect(what).toBe('save');
    expect(fileName).toMatch(/^ghostline-keystrokes-[\dTZ-]+\.json$/);
    isRedacted(json);
  });
});

describe('a setting', () => {
  it('that would change the outcome is opened by a button', async () => {
    await send([of('prose', 1)]);
    await page.getByRole('button', { name: 'Open the setting' }).click();
    expect(await page.evaluate(() => window.asked)).toEqual([['setting', 'ghostline.suggestInProse']]);
  });
});

describe('the look', () => {
  it.each([
    [300, false],
    [480, false],
    [640, true],
    [1200, true],
  ])('at %i px has no scroll bar across, and its parts beside each other: %s', async (width, isBeside) => {
    await page.setViewportSize({ width, height: 700 });
    await send(Object.values(KEYSTROKES).toReversed());
    await rows().nth(10).click();
    const overflow = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.gl-list, .gl-detail, .gl-filters, .gl-reports')]
        .filter((node) => node.scrollWidth > node.clientWidth)
        .map((node) => node.className),
    );
    expect(overflow).toEqual([]);
    const [left, right] = await Promise.all([list().boundingBox(), page.locator('.gl-detail').boundingBox()]);
    expect(right!.x >= left!.x + left!.width).toBe(isBeside);
    expect(right!.height).toBeGreaterThan(200);
  });

  it.each(['light', 'dark'] as const)('is legible in %s: a contrast of 4.5 at least', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await send(Object.values(KEYSTROKES).toReversed());
    const faint = new Set<string>();
    for (const row of await rows().all()) {
      await row.click();
      for (const text of await page.evaluate(faintTexts)) faint.add(text);
    }
    expect([...faint]).toEqual([]);
  });

  it('is gone without a trace when the host disposes of it', async () => {
    await send(typingSession(5));
    await page.evaluate(() => window.dispose());
    expect(await page.evaluate(() => document.body.querySelectorAll('[class^="gl-"]').length)).toBe(0);
  });
});

/** In the page: the texts on screen with less contrast than WCAG 2.2 asks for, with what they have. */
function faintTexts(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  /** Whatever the notation, as red, green, blue and alpha. */
  const channels = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const backgroundOf = (node: Element): number[] => {
    for (let at: Element | null = node; at; at = at.parentElement) {
      const background = channels(getComputedStyle(at).backgroundColor);
      if (background[3] === 255) return background;
    }
    return [255, 255, 255];
  };
  const luminance = (color: readonly number[]): number => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  return [...document.querySelectorAll('body *')].flatMap((node) => {
    const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent!.trim() !== '');
    if (!hasText || !node.checkVisibility() || node.closest('script, [aria-disabled="true"]')) return [];
    const [a, b] = [luminance(channels(getComputedStyle(node).color)), luminance(backgroundOf(node))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 4.5 ? [`${node.className} ${contrast.toFixed(2)}`] : [];
  });
}
