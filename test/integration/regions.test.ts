import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RegionalTransport, createHttpTransport, createRegionalTransport } from '@ghostline/client';
import { startScriptedServer } from '@ghostline/inference/testing';
import type { CompletionRequest, StreamEvent } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

const TEXT = 'items.map((item) => item.price * item.quantity);';
const request: CompletionRequest = {
  prefix: '',
  suffix: '\n',
  language: 'typescript',
  trigger: 'automatic',
  session_id: 'session',
  sequence: 1,
};
const never = new AbortController().signal;

let folder: string;
let model: Awaited<ReturnType<typeof startScriptedServer>>;
let running: GhostlineServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-regions-'));
  model = await startScriptedServer({
    // It goes on after what the prompt has of the answer already.
    tokens({ prompt }) {
      const already = prompt.slice(prompt.indexOf('<|fim_middle|>') + '<|fim_middle|>'.length);
      return TEXT.startsWith(already) ? (TEXT.slice(already.length).match(/.{1,4}/g) ?? []) : ['astray'];
    },
    beforeToken: () => new Promise((resolve) => setTimeout(resolve, 25)),
  });
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

/** A gateway of that region, which names all of them. */
async function gateway(name: string, ports: Readonly<Record<string, number>>): Promise<GhostlineServer> {
  const config = path.join(folder, `${name}.yaml`);
  const regions = Object.entries(ports).map(
    ([region, port]) => `  - { name: ${region}, url: http://127.0.0.1:${port} }`,
  );
  await writeFile(
    config,
    `region: ${name}
regions:
${regions.join('\n')}
secrets: { idKey: { env: GHOSTLINE_ID_KEY } }
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [{ name: gpu, kind: openai, url: "${model.url}/v1" }]
`,
  );
  const env = { ...process.env, GHOSTLINE_ID_KEY: 'k'.repeat(64) };
  const server = await startGhostline({ dataDir: path.join(folder, name), config, port: ports[name]!, env });
  running.push(server);
  return server;
}

async function world() {
  const ports = { 'eu-west': await freePort(), 'us-east': await freePort() };
  const [home, other] = await Promise.all([gateway('eu-west', ports), gateway('us-east', ports)]);
  const transport = createRegionalTransport({
    home: () => home.url,
    transportTo: (url) =>
      createHttpTransport({
        serverUrl: () => url,
        token: async () => undefined,
        // On one machine no region is far: this one is made so, for whoever measures it.
        now: () => performance.now() * (url === home.url ? 1 : 100),
      }),
  });
  await transport.check(never);
  return { home, other, transport, restart: () => gateway('eu-west', ports) };
}

async function read(transport: RegionalTransport, prefix: string, onText: (text: string) => unknown = () => {}) {
  let text = '';
  const events: StreamEvent[] = [];
  for await (const event of transport.complete({ ...request, prefix }, never)) {
    events.push(event);
    if (event.event !== 'delta') continue;
    text += event.data.text;
    await onText(text);
  }
  const [start] = events;
  return {
    text,
    names: [...new Set(events.map(({ event }) => event))],
    completionId: start?.event === 'start' ? start.data.completion_id : '',
  };
}

function shown(completionId: string) {
  const viewId = v7();
  return {
    event_id: v7(),
    completion_id: completionId,
    choice: 0,
    view_id: viewId,
    time: new Date().toISOString(),
    how: 'measured',
    type: 'completion-shown',
    language: 'typescript',
    trigger: 'automatic',
    source: 'network',
    chars: TEXT.length,
    lines: 1,
    latency_ms: 100,
  } as const;
}

describe('two regions', () => {
  it('answer one completion between them when the first is killed in the middle of it', async () => {
    const { home, transport, restart } = await world();
    expect(transport.regions().map(({ name }) => name)).toEqual(['eu-west', 'us-east']);
    const whole = await read(transport, 'const first = ');
    expect(whole).toMatchObject({ text: TEXT, names: ['start', 'delta', 'finish', 'done'] });

    let killed = false;
    const broken = await read(transport, 'const second = ', async (text) => {
      if (killed || text.length < 12) return;
      killed = true;
      await home.kill();
      running = running.filter((server) => server !== home);
    });
    expect(killed).toBe(true);
    expect(broken).toMatchObject({ text: TEXT, names: ['start', 'delta', 'finish', 'done'] });
    const resumed = String(model.requests.at(-1)!.body['prompt']);
    expect(resumed).toMatch(/<\|fim_middle\|>items\.map.+/);

    // What the other region answers meanwhile has an id that home takes when it is back.
    const elsewhere = await read(transport, 'const third = ');
    expect(elsewhere.text).toBe(TEXT);
    await expect(transport.sendTelemetry([], never)).rejects.toMatchObject({ failure: { reason: 'unreachable' } });
    await restart();
    const events = [whole, broken, elsewhere].map(({ completionId }) => shown(completionId));
    expect(await transport.sendTelemetry(events, never)).toEqual({ accepted: 3, duplicates: 0, rejected: [] });
  });

  it('are one server to an editor that finds the first away', async () => {
    const { home, transport } = await world();
    await home.kill();
    running = running.filter((server) => server !== home);
    await transport.check(never);
    expect(transport.region().name).toBe('us-east');
    expect((await read(transport, 'const prices = ')).text).toBe(TEXT);
    await eventually('home counts as away', () => transport.regions().find(({ isHome }) => isHome)?.isUp === false);
  });
});
