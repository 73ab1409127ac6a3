/** The client as the extension puts it together, in front of servers that fail and are killed, and killed itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Keystroke, Outcome, Suggestion } from '@ghostline/client';
import { startScriptedServer as startScriptedModel } from '@ghostline/inference/testing';
import { randomFrom } from '@ghostline/seeded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { acceptance } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { startScriptedServer } from '../harness/scripted-server.ts';
import { startUnrulySockets } from './client-chaos/unruly-sockets.ts';
import { type Window, openWindow, typed } from './client-chaos/window.ts';

/** After it, a window that says nothing counts as gone. */
const GONE_MS = 16 * 60_000;

let folder: string;
let closing: (() => Promise<unknown>)[];
let unhandled: unknown[];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-chaos-'));
  closing = [];
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function ask(window: Window, document = typed('const a = '), signal = new AbortController().signal): Promise<Outcome> {
  return window.client.complete({ document, trigger: 'automatic', openDocuments: () => [] }, signal);
}

function suggestionOf(outcome: Outcome): Suggestion {
  if (outcome.kind !== 'suggested') throw new Error(`expected a suggestion, got ${JSON.stringify(outcome)}`);
  return outcome.suggestions[0];
}

describe('a server that fails in every way', () => {
  it('never holds up who types, and gets every event once when it is back', async () => {
    const random = randomFrom(11);
    const LINES = ['const total = sum(prices); // 😀', 'return format(total);', 'if (total > limit) throw tooMuch;'];
    const server = await startUnrulySockets(random, ({ prefix }) => {
      const begun = prefix.slice(prefix.lastIndexOf('\n') + 1);
      const line = LINES.find((each) => begun !== '' && each.startsWith(begun)) ?? LINES[0]!;
      return `${line.startsWith(begun) ? line.slice(begun.length) : line}\n${LINES[1]}\n`;
    });
    closing.push(server.stop);
    const outboxFolder = path.join(folder, 'outbox');
    const window = openWindow({ folder: outboxFolder, url: server.url, silenceMs: 150 });
    closing.push(window.close);
    const { client } = window;
    const keystrokes: Keystroke[] = [];
    client.onKeystroke(() => {
      const [newest] = client.keystrokes();
      if (newest && newest.id !== keystrokes.at(-1)?.id) keystrokes.push(newest);
    });

    const calls: Promise<Outcome>[] = [];
    const late: string[] = [];
    let token = new AbortController();
    let pending: { isSettled: boolean } | undefined;
    let shown = 0;
    let text = '';
    let line = LINES[0]!;
    const see = async (asked: Promise<Outcome>, signal: AbortSignal, key: number) => {
      const outcome = await asked;
      if (outcome.kind !== 'suggested' || signal.aborted) return;
      const [first] = outcome.suggestions;
      shown += 1;
      if (/(?![\t\n])\p{Cc}|\u202e|\p{Cs}/u.test(first.text)) late.push(`harm: ${JSON.stringify(first.text)}`);
      client.shown(first, 'measured');
      if (key % 7 === 0) client.accepted(first.viewId, 'measured');
      else if (key % 11 === 0) client.dismissed(first.viewId, 'rejected', 'measured');
    };
    const giveUp = async () => {
      token.abort();
      const given = pending;
      for (let turn = 0; turn < 30; turn++) await Promise.resolve();
      if (given && !given.isSettled) late.push(`after ${calls.length} calls`);
    };
    for (let key = 0; key < 400; key++) {
      await giveUp();
      if (text.endsWith(line)) {
        text += '\n';
        line = LINES[random(LINES.length)]!;
      } else {
        const begun = text.slice(text.lastIndexOf('\n') + 1);
        const char =
          random(12) === 0 || !line.startsWith(begun) ? '\n' : String.fromCodePoint(line.codePointAt(begun.length)!);
        client.changed({ uri: 'file:///a.ts', offset: text.length, deleted: 0, inserted: char });
        text += char;
      }
      token = new AbortController();
      const { signal } = token;
      const document = typed(text);
      const call = { isSettled: false };
      pending = call;
      const asked = ask(window, document, signal).finally(() => (call.isSettled = true));
      calls.push(asked);
      void see(asked, signal, key);
      // Some wait for what comes, but not for ever; most type on.
      await (random(4) === 0 ? Promise.race([asked, pause(250)]) : pause(random(6)));
    }
    await giveUp();
    expect(late).toEqual([]);
    await Promise.all(calls);
    expect(keystrokes.map(({ id }) => id)).toEqual(calls.map((_, index) => index + 1));
    expect(server.did.size).toBeGreaterThan(20);
    expect(shown).toBeGreaterThan(20);

    server.isWell = true;
    // What the server has asked for last may have to pass.
    await eventually(
      'there are suggestions again',
      async () => (await ask(window, typed('cons'))).kind === 'suggested',
    );
    // The suggestion may have been known already; who looks finds the server.
    client.check();
    await eventually('the state says so', () => client.state().kind === 'ready');
    const recorded = window.recorded.length;
    await eventually('every event has arrived', async () => {
      await window.outbox.flush();
      return server.events.length >= recorded;
    });
    expect(server.events.map((event) => event.event_id)).toEqual(window.recorded.slice(0, server.events.length));

    await window.close();
    expect(window.waiting).toBe(0);
    await eventually('nobody waits on a connection', async () => (await server.busyConnections()) === 0);
    expect((await readdir(outboxFolder)).filter((name) => name.endsWith('.alive'))).toEqual([]);
  });
});

describe('a gateway that is killed in the middle of a stream', () => {
  const LINES = ['items', '  .map((item) => item.price)', '  .reduce((sum, price) => sum + price);'];
  const TEXT = LINES.join('\n');

  async function world() {
    let afterToken: (said: string) => unknown = () => undefined;
    const model = await startScriptedModel({
      tokens({ prompt }) {
        const already = prompt.slice(prompt.indexOf('<|fim_middle|>') + '<|fim_middle|>'.length);
        return TEXT.startsWith(already) ? (TEXT.slice(already.length).match(/[^]{1,4}/g) ?? []) : ['astray'];
      },
      beforeToken: async (index) => {
        await pause(15);
        await afterToken(TEXT.slice(0, index * 4));
      },
    });
    closing.push(model.close);
    const port = await freePort();
    const config = path.join(folder, 'ghostline.yaml');
    await writeFile(
      config,
      `secrets: { idKey: { env: GHOSTLINE_ID_KEY } }
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [{ name: gpu, kind: openai, url: "${model.url}/v1" }]
`,
    );
    let gateway: GhostlineServer;
    const start = async () => {
      const env = { ...process.env, GHOSTLINE_ID_KEY: 'k'.repeat(64) };
      gateway = await startGhostline({ dataDir: path.join(folder, 'data'), config, port, env });
    };
    await start();
    closing.push(() => gateway.stop());
    const window = openWindow({ folder: path.join(folder, 'outbox'), url: `http://127.0.0.1:${port}` });
    closing.push(window.close);
    return {
      window,
      url: `http://127.0.0.1:${port}`,
      start,
      kill: () => gateway.kill(),
      onToken: (listener: typeof afterToken) => (afterToken = listener),
    };
  }

  it('leaves whole lines on screen, is back by itself, and has every event once', async () => {
    const { window, url, start, kill, onToken } = await world();
    const { client } = window;
    client.check();
    let killed: Promise<void> | undefined;
    onToken((said) => {
      if (said.startsWith(`${LINES[0]}\n${LINES[1]}\n`)) killed ??= kill();
    });
    // As an editor does: each time text has grown it is asked for again, and shown in place of what was there.
    const document = typed('const total = ');
    const screen: string[] = [];
    const show = (outcome: Outcome) => {
      const suggestion = suggestionOf(outcome);
      client.shown(suggestion, 'inferred');
      screen.push(suggestion.text);
      return suggestion;
    };
    client.onExtended(() => void ask(window, document).then(show));
    show(await ask(window, document));
    await eventually('the server is said to be away', () => client.state().kind === 'offline');
    await killed;
    const last = show(await ask(window, document));
    for (const [index, text] of screen.entries()) expect(text.startsWith(screen[index - 1] ?? '')).toBe(true);
    expect([LINES.slice(0, 2).join('\n'), LINES[0]]).toContain(last.text);

    await pause(300);
    client.changed({ uri: document.uri, offset: last.range.start, deleted: 0, inserted: last.text });
    client.accepted(last.viewId, 'measured');
    await window.outbox.flush();
    expect(window.recorded).toHaveLength(2);

    await start();
    await eventually('the server is said to be back', () => client.state().kind === 'ready', 15_000);
    const next = await ask(window, typed('const again = '));
    expect(suggestionOf(next).text).toMatch(/^items/);
    await window.outbox.flush();
    const [total] = await eventually('the events are counted', async () => {
      const rows = (await acceptance(url))?.rows;
      return rows?.[0]?.accepted ? rows : undefined;
    });
    expect(total).toMatchObject({ shown: 1, accepted: 1 });
    expect(await readdir(path.join(folder, 'outbox'))).toEqual([expect.stringMatching(/\.alive$/)]);
  });
});

describe('a window that is killed', () => {
  it('between an acceptance and its delivery loses nothing that was on the disk', async () => {
    const server = await startScriptedServer({
      complete: () => ({ kind: 'text', chunks: ['load', '(rows);'] }),
      takesEvents: false,
    });
    closing.push(server.stop);
    const outboxFolder = path.join(folder, 'outbox');
    const script = path.join(import.meta.dirname, 'client-chaos', 'window.ts');
    const promised: string[] = [];
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(process.execPath, [script, outboxFolder, server.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      closing.push(async () => child.kill('SIGKILL'));
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (said: string) => (output += said));
      await eventually('suggestions were accepted', () => output.split('completion-accepted').length > 10 + kill * 7);
      child.kill('SIGKILL');
      await once(child, 'close');
      promised.push(
        ...output
          .split('\n')
          .slice(0, -1)
          .map((said) => said.split(' ')[1]!),
      );
    }
    expect(server.events).toEqual([]);

    server.follow({ takesEvents: true });
    const after = openWindow({ folder: outboxFolder, url: server.url, aheadMs: GONE_MS });
    closing.push(after.close);
    await eventually('what was left has arrived', async () => {
      await after.outbox.flush();
      return server.events.length >= promised.length;
    });
    const arrived = server.events.map((event) => event.event_id);
    expect(promised.filter((id) => !arrived.includes(id))).toEqual([]);
    expect(arrived).toEqual([...new Set(arrived)].toSorted());
  });
});
