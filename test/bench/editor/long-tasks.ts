import type { Keystroke } from '@ghostline/client';
import { percentile } from '../load.ts';
import type { Desk } from './desk.ts';
import type { Rhythm } from './keys.ts';

/** How long the extension host kept everybody waiting, in ms. */
export interface LoopDelays {
  readonly longest: number;
  readonly p99: number;
  /** Turns of more than 50 ms. */
  readonly longTasks: number;
  /** Those of them in which the thread computed for more than 50 ms; in the others it was not given a processor. */
  readonly atWork: number;
  /** The most that one turn computed. */
  readonly mostComputed: number;
  readonly p99Computed: number;
  /** Of the time, the share in which the thread computed. */
  readonly busy: number;
}

/** What the W3C calls a long task, and a person notices. */
const LONG_MS = 50;
/** The timer that measures comes after so long when nobody is in its way. */
const TIMER_MS = 1;

/** What the event loop of the extension host is like while `keys` are typed. */
export async function typeAndMeasure(desk: Desk, keys: string, wait: Rhythm): Promise<[LoopDelays, Keystroke[]]> {
  const keystrokes: Keystroke[] = [];
  const { keyboard } = desk.page;
  await desk.newKeystrokes();
  await desk.probe.watchLoop();
  for (const [index, key] of [...keys].entries()) {
    await keyboard.press(key === '\n' ? 'Enter' : key);
    await wait(40, 110);
    // The inspector keeps a hundred.
    if (index % 60 === 59) keystrokes.push(...(await desk.newKeystrokes()));
  }
  const turns = await desk.probe.unwatchLoop();
  keystrokes.push(...(await desk.newKeystrokes()));
  return [delaysOf(turns), keystrokes];
}

function delaysOf(turns: readonly (readonly [wallMs: number, cpuMs: number])[]): LoopDelays {
  const delays = turns.map(([wall]) => Math.max(0, wall - TIMER_MS));
  const computed = turns.map(([, cpu]) => cpu);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    longest: Math.max(...delays),
    p99: percentile(delays, 0.99),
    longTasks: delays.filter((ms) => ms > LONG_MS).length,
    atWork: computed.filter((ms) => ms > LONG_MS).length,
    mostComputed: Math.max(...computed),
    p99Computed: percentile(computed, 0.99),
    busy: sum(computed) / sum(turns.map(([wall]) => wall)),
  };
}
