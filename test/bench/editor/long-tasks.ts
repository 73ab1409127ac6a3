import type { Keystroke } from '@ghostline/client';
import { percentile } from '../load.ts';
import type { Desk } from './desk.ts';
import type { Rhythm } from './keys.ts';
import type { Turn } from './probe.ts';

/** How long the event loop of the extension host kept everybody waiting, in ms. */
export interface LoopDelays {
  readonly longest: number;
  readonly p99: number;
  /** Waits of more than 50 ms. */
  readonly long: number;
  /** The same without the time in which the thread was ready to run and another process had the processor. */
  readonly own: { readonly longest: number; readonly p99: number; readonly long: number };
  /** Turns that computed for more than 50 ms, and the most that one computed: neither swapping nor a busy host is in it. */
  readonly computed: { readonly longest: number; readonly long: number };
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
    await wait(20, 80);
    // The inspector keeps a hundred.
    if (index % 60 === 59) keystrokes.push(...(await desk.newKeystrokes()));
  }
  const turns = await desk.probe.unwatchLoop();
  keystrokes.push(...(await desk.newKeystrokes()));
  return [delaysOf(turns), keystrokes];
}

function delaysOf(turns: readonly Turn[]): LoopDelays {
  const delays = turns.map(([took]) => Math.max(0, took - TIMER_MS));
  const own = turns.map(([took, , waited]) => Math.max(0, took - TIMER_MS - waited));
  const computed = turns.map(([, ms]) => ms);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const summary = (all: readonly number[]) => ({
    longest: Math.max(...all),
    p99: percentile(all, 0.99),
    long: all.filter((ms) => ms > LONG_MS).length,
  });
  return {
    ...summary(delays),
    own: summary(own),
    computed: { longest: Math.max(...computed), long: computed.filter((ms) => ms > LONG_MS).length },
    busy: sum(computed) / sum(turns.map(([took]) => took)),
  };
}
