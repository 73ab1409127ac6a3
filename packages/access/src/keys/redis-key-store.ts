import { type JournalEntry, parseLines } from './journal.ts';
import type { JournalNews, KeyStore } from './key-store.ts';

/** What of an ioredis client is used. It must fail rather than queue while the server is away, and bound its answers in time. */
export interface RedisForKeys {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

type StreamItem = [id: string, fields: string[]];

/** Entries in one answer: 300 KB, which neither Redis nor this process feels. */
const PAGE = 1000;

/**
 * Keys in a Redis stream, so that all gateways see the same ones, and last uses in a sorted set; one hash tag, one slot. The
 * stream is the only place where these keys are, besides the mirrors of gateways: Redis should be persistent and must not evict.
 */
export function createRedisKeyStore(redis: RedisForKeys, namespace = 'ghostline:{keys}:'): KeyStore {
  const journal = `${namespace}journal`;
  const used = `${namespace}used`;
  return {
    name: `Redis (${journal})`,
    async read(cursor, signal) {
      const known = positionOf(cursor);
      const length = Number(await within(signal, () => redis.call('XLEN', journal)));
      // Entries are never removed: fewer than were read are another journal, of a Redis that lost data.
      const whole = cursor === undefined || length < known.count;
      const read = await readFrom(redis, journal, whole ? START : known, signal);
      return { ...read, whole };
    },
    async append(entry, signal) {
      await within(signal, () => redis.call('XADD', journal, '*', 'entry', JSON.stringify(entry)));
    },
    async touch(uses, signal) {
      const pairs = [...uses].flatMap(([id, at]) => [at, id]);
      for (let from = 0; from < pairs.length; from += 2 * PAGE) {
        await within(signal, () => redis.call('ZADD', used, 'GT', ...pairs.slice(from, from + 2 * PAGE)));
      }
    },
    async lastUsed(signal) {
      // Pairs, or one after the other, as the version of the protocol has it.
      const reply = await within(signal, () => redis.call('ZRANGE', used, 0, -1, 'WITHSCORES'));
      const flat = (reply as (string | number)[] | [string, number][]).flat();
      const uses = new Map<string, number>();
      for (let i = 0; i + 1 < flat.length; i += 2) uses.set(String(flat[i]), Number(flat[i + 1]));
      return uses;
    },
  };
}

/** Id of the last entry read, and how many there were. */
interface Position {
  readonly id: string;
  readonly count: number;
}

const START: Position = { id: '0-0', count: 0 };

function positionOf(cursor: string | undefined): Position {
  if (cursor === undefined) return START;
  const [id, count] = cursor.split(' ');
  return { id: id!, count: Number(count) };
}

async function readFrom(
  redis: RedisForKeys,
  journal: string,
  start: Position,
  signal: AbortSignal,
): Promise<Omit<JournalNews, 'whole'>> {
  const entries: JournalEntry[] = [];
  let { id, count } = start;
  let foreign = 0;
  for (;;) {
    // The same form in both versions of Redis's protocol, which that of XREAD is not.
    const range = () => redis.call('XRANGE', journal, `(${id}`, '+', 'COUNT', PAGE);
    const items = (await within(signal, range)) as StreamItem[];
    id = items.at(-1)?.[0] ?? id;
    count += items.length;
    const read = parseLines(items.map(([, fields]) => fields[1] ?? ''));
    entries.push(...read.entries);
    foreign += read.foreign;
    if (items.length < PAGE) return { entries, foreign, cursor: `${id} ${count}` };
  }
}

/** The answer, unless `signal` aborts before it; nothing is asked when it has already. */
async function within<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    stop = () => signal.removeEventListener('abort', abort);
  });
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    stop?.();
  }
}
