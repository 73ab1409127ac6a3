import { createHash } from 'node:crypto';
import {
  type ExchangeReply,
  type ExchangeRequest,
  GATEWAY_GONE_MS,
  type PermitStore,
  type PoolRule,
} from './permit-store.ts';

/** The part of a Redis client that is needed; each call rejects when Redis is away or refuses. */
export interface RedisScripts {
  evalsha(sha: string, keys: number, ...parameters: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...parameters: string[]): Promise<unknown>;
}

/** `exchange.ts` in Lua, on one hash: the debt, its time, the pool's life, and a field per holder. Redis' clock counts. */
const EXCHANGE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local capacity, refill, hold, remember = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local own, held, spent, known, born = 'h:' .. ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local want, need, keep = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local debt, at, birth, others, gone, before, counted, returned = 0, now, now .. ARGV[5], 0, {}, 0, nil, 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local field, value = all[i], all[i + 1]
  if field == 'debt' then debt = tonumber(value)
  elseif field == 'at' then at = tonumber(value)
  elseif field == 'born' then birth = value
  else
    local h, s, u = string.match(value, '(%S+) (%S+) (%S+)')
    local alive = tonumber(u) > now
    if not alive then returned = returned + h end
    if field == own then
      counted = tonumber(s)
      if alive then before = tonumber(h) end
    elseif alive then others = others + h
    else gone[#gone + 1] = field end
  end
end
debt = math.max(0, debt - math.max(0, now - at) * refill) - returned
if counted == nil then counted = (born ~= '' and born ~= birth) and 0 or known end
debt = math.max(0, debt + (held - before) + (spent - counted))
local granted = math.max(0, math.min(want, math.floor(capacity - debt - keep)))
debt = debt + granted
redis.call('HSET', KEYS[1], 'debt', string.format('%.17g', debt), 'at', string.format('%.0f', now), 'born', birth,
  own, string.format('%.0f %.0f %.0f', held + granted, spent, now + hold))
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
if remember > 0 then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', remember))
else redis.call('PEXPIRE', KEYS[1], string.format('%.0f', hold + 1000 + (refill > 0 and debt / refill or 0))) end
local wait = 0
if granted < need then
  wait = refill > 0 and math.max(1, math.ceil((need - granted + keep - (capacity - debt)) / refill)) or -1
end
return { granted, math.floor(capacity - debt), wait, others + held + granted, birth }
`;

const BEAT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`;

/** Pools in Redis or Redis Cluster: keys of one slot share a hash tag. Throws what the client throws. */
export function createRedisPermitStore(redis: RedisScripts, namespace = 'ghostline:limits:'): PermitStore {
  const exchangePool = scriptOf(redis, EXCHANGE_SCRIPT);
  const beat = scriptOf(redis, BEAT_SCRIPT);
  return {
    async exchange(rule: PoolRule, request: ExchangeRequest): Promise<ExchangeReply> {
      const { holder, held, spent, known, born, want, need, keep } = request;
      const reply = await exchangePool(
        `${namespace}{${tag(rule.slot)}}:${rule.name}`,
        rule.capacity,
        rule.refillPerMs,
        rule.holdMs,
        rule.rememberUntil ?? 0,
        holder,
        held,
        spent,
        known,
        born,
        want,
        need,
        keep,
      );
      const [granted, available, waitMs, heldByAll, life] = reply as [number, number, number, number, string];
      return { granted, available, waitMs, heldByAll, born: life };
    },
    beat: async (holder) => Number(await beat(`${namespace}{gateways}`, holder, GATEWAY_GONE_MS)),
  };
}

/** Braces in a name would end the hash tag early. */
function tag(slot: string): string {
  return encodeURIComponent(slot);
}

/** Calls a script by its digest; a Redis that does not know it yet (restarted, another node) is told it. */
function scriptOf(redis: RedisScripts, script: string) {
  const sha = createHash('sha1').update(script).digest('hex');
  return async (key: string, ...values: (string | number)[]): Promise<unknown> => {
    const parameters = [key, ...values.map(String)];
    try {
      return await redis.evalsha(sha, 1, ...parameters);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(script, 1, ...parameters);
    }
  };
}
