import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitSettings } from '@ghostline/limits';
import type { RedisSettings } from '../../apps/server/src/config/index.ts';
import { type RunningChild, startChild } from './child-process.ts';
import { eventually } from './eventually.ts';
import type { LimiterReport } from './limiter-process.ts';

/** Gateways' limiters, each in a process of its own, and whoever asks them. */
export interface LimiterFronts {
  reports(): Promise<LimiterReport[]>;
  /** Asks them in turn, evenly, so many times a second for so long. */
  flood(perSecond: number, seconds: number): Promise<Flood>;
  stop(): Promise<void>;
}

export interface Flood {
  readonly asked: number;
  readonly passed: number;
  /** Until the last one was answered. */
  readonly seconds: number;
}

/** One server at that port, as settings are resolved. */
export function redisAt(port: number): RedisSettings {
  return { ...REDIS_ACCESS, kind: 'server', url: `redis://127.0.0.1:${port}` };
}

export const REDIS_ACCESS = { username: undefined, password: undefined, tls: undefined, addresses: {} } as const;

/** So many processes that have heard of each other when this resolves. */
export async function startLimiterFronts(
  count: number,
  redis: RedisSettings,
  limits: LimitSettings,
): Promise<LimiterFronts> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const args = [path.join(import.meta.dirname, 'limiter-process.ts'), JSON.stringify(redis), JSON.stringify(limits)];
  const started = await Promise.all(
    Array.from({ length: count }, async (): Promise<{ child: RunningChild; port: number }> => {
      const child = await startChild(process.execPath, args);
      const [, port] = await child.waitForOutput(/listening on (\d+)/, 20_000);
      return { child, port: Number(port) };
    }),
  );

  const ask = (port: number, method: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = http.request({ port, host: '127.0.0.1', method, agent }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.on('error', reject).end();
    });

  const fronts: LimiterFronts = {
    reports: () =>
      Promise.all(started.map(async ({ port }) => JSON.parse((await ask(port, 'GET')).text) as LimiterReport)),
    async flood(perSecond, seconds) {
      const began = performance.now();
      const sinceMs = () => performance.now() - began;
      let passed = 0;
      let asked = 0;
      const answers: Promise<void>[] = [];
      const one = async (port: number) => {
        if ((await ask(port, 'POST')).status === 204) passed += 1;
      };
      while (sinceMs() < seconds * 1000) {
        const due = (sinceMs() / 1000) * perSecond;
        for (; asked < due; asked++) answers.push(one(started[asked % count]!.port));
        await sleep(10);
      }
      await Promise.all(answers);
      return { passed, asked, seconds: sinceMs() / 1000 };
    },
    async stop() {
      agent.destroy();
      await Promise.all(started.map(({ child }) => child.stop()));
    },
  };
  await eventually(
    `${count} limiters have heard of each other`,
    async () => (await fronts.reports()).every(({ gateways }) => gateways === count),
    20_000,
  );
  return fronts;
}
