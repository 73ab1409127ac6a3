import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Drain } from '../http/drain.ts';

export interface EndingOptions {
  readonly drain: Drain;
  /** How long everything is still answered after SIGTERM. */
  readonly announceMs: number;
  readonly log: Logger;
  /** Finishes what is streaming, delivers what it can, and lets go of everything. */
  readonly close: () => Promise<void>;
}

/** Ends the process on SIGTERM and SIGINT; a second signal ends it at once. Returns what ends it, too. */
export function endOnSignals({ drain, announceMs, log, close }: EndingOptions): () => void {
  async function end(waitMs: number): Promise<void> {
    if (drain.draining) return;
    drain.announce();
    log.info({ announceMs: waitMs }, 'draining');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
    if (waitMs > 0) await wait(waitMs);
    await close();
    process.exit(0);
  }

  process.once('SIGTERM', () => void end(announceMs));
  process.once('SIGINT', () => void end(0));
  return () => void end(0);
}
