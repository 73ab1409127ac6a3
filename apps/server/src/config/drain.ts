import * as z from 'zod';

export const Drain = z
  .strictObject({
    announceMs: z.int().min(0).max(600_000).optional().meta({
      description:
        'After SIGTERM, how long /readyz says no while everything is still answered: until load balancers know; default 0',
    }),
    finishMs: z.int().min(0).max(600_000).optional().meta({
      description: 'How long the answers under way may take after that; default 10000',
    }),
  })
  .meta({ description: 'How the gateway ends' });

export interface DrainSettings {
  readonly announceMs: number;
  readonly finishMs: number;
}

/** How long streams may go on after SIGTERM: twice the longest completion, and well under the 30 s of Kubernetes. */
const FINISH_MS = 10_000;

export function drainSettings({ announceMs = 0, finishMs = FINISH_MS }: z.infer<typeof Drain> = {}): DrainSettings {
  return { announceMs, finishMs };
}
