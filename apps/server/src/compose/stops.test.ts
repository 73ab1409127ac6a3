import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStops } from './stops.ts';

let dataDir: string;
beforeEach(async () => void (dataDir = await mkdtemp(path.join(os.tmpdir(), 'stops-'))));
afterEach(() => rm(dataDir, { recursive: true }));

const alice = { org: 'acme', user: 'alice' };
const open = (isPriced = true) =>
  openStops({ dataDir, redis: undefined, isPriced: () => isPriced, log: pino({ level: 'silent' }) });
const writeStops = (text: string) => writeFile(path.join(dataDir, 'spending-stops.json'), text);

describe('what is stopped on a gateway without Redis', () => {
  it('is nothing where there is no file', async () => {
    const stops = await open();
    await stops.poll();
    expect(stops.all(0)).toEqual([]);
  });

  it('is everything that costs while the file cannot be read', async () => {
    await writeStops('{"every');
    const stops = await open();
    await stops.poll();
    expect(stops.covering(alice, 0)?.reason).toMatch(
      /^The file spending-stops.json in the data directory cannot be read/,
    );
    await writeStops('{}');
    await stops.poll();
    expect(stops.covering(alice, 0)).toBeUndefined();
  });

  it('is nothing where nothing has a price, or somebody has it go on', async () => {
    await writeStops('{"every');
    const free = await open(false);
    await free.poll();
    expect(free.covering(alice, 0)).toBeUndefined();
    const priced = await open();
    await priced.poll();
    expect(await priced.resume({ kind: 'everything' })).toEqual({ found: true, everywhere: false });
    await priced.poll();
    expect(priced.covering(alice, 0)).toBeUndefined();
  });
});
