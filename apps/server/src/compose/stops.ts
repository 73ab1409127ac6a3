import path from 'node:path';
import {
  type RedisHash,
  type Stop,
  type StopBoard,
  createFileStopMirror,
  createFileStopStore,
  createMirroredStopStore,
  createRedisStopStore,
  createStopBoard,
} from '@ghostline/limits';
import type { Logger } from 'pino';

/** In force on a gateway that never heard what is stopped. With Redis it has leased nothing, and so spends nothing anyway. */
export function unheardStop(shared: boolean): Omit<Stop, 'at'> {
  const trouble = shared
    ? 'Redis does not answer'
    : `The file ${FILE} in the data directory cannot be read, and should be mended or removed`;
  const reason = `${trouble}, and this gateway has not heard yet what is stopped: it spends nothing until it has. Resume spending here to go on without.`;
  return { scope: { kind: 'everything' }, reason, by: 'rule' };
}

const FILE = 'spending-stops.json';

export interface StopsOptions {
  readonly dataDir: string;
  /** Absent: stops of this process, kept in its data directory. */
  readonly redis: RedisHash | undefined;
  /** Whether anything has a price: else nothing is spent that a stop would save. */
  readonly isPriced: () => boolean;
  readonly log: Logger;
}

/** Resolves with what was stopped when this gateway last ran. */
export async function openStops({ dataDir, redis, isPriced, log }: StopsOptions): Promise<StopBoard> {
  const file = path.join(dataDir, FILE);
  const unheard: Stop = { ...unheardStop(redis !== undefined), at: Date.now() };
  let said: string | undefined;
  const stops = createStopBoard({
    store: redis
      ? createMirroredStopStore(createRedisStopStore(redis), createFileStopMirror(file))
      : createFileStopStore(file),
    unheard: () => (isPriced() ? unheard : undefined),
    onError(error) {
      const reason = String(error);
      if (reason !== said) log.warn({ reason }, 'what is stopped stays as it is: its store does not answer');
      said = reason;
    },
    onChange({ stopped, resumed }) {
      const stop = stopped ?? resumed;
      if (stop)
        log.warn(
          { scope: stop.scope, by: stop.by, reason: stop.reason },
          stopped ? 'spending is stopped' : 'spending goes on',
        );
    },
  });
  await stops.recall();
  return stops;
}
