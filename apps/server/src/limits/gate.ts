import type { Admission, Limiter, PriceList, Refusal, Saving, Ticket } from '@ghostline/limits';
import { type CompletionRequest, ProblemError, SPENDING_HEADER, problem } from '@ghostline/protocol';
import type { RequestRecord } from '@ghostline/telemetry';
import type { Context } from 'hono';
import { type AppEnv, setHeader } from '../http/app-env.ts';
import type { LimitMetrics } from './limit-metrics.ts';

/** What a request was let in with; `shed`: others go first, and it is answered with nothing. */
export type Entry = Ticket | 'shed';

export interface Gate {
  /** Throws the refusal that every request of the caller would meet now, before anything of it is read. */
  glance(c: Context<AppEnv>): void;
  /** Lets in, with headers about it on the answer, or throws ProblemError 429. A promise only when the store is asked. */
  enter(c: Context<AppEnv>, request: Pick<CompletionRequest, Measured>): Entry | Promise<Entry>;
  /** Counts a request that cannot be understood. */
  enterMalformed(c: Context<AppEnv>): Promise<void>;
  /** What a request used, by the row about it. */
  leave(ticket: Ticket, row: RequestRecord): void;
}

type Measured = 'prefix' | 'suffix' | 'snippets' | 'trigger' | 'max_tokens' | 'max_candidates';

export interface GateOptions {
  readonly limiter: Pick<Limiter, 'admit' | 'glance'>;
  /** As configured now. */
  readonly pricing: () => Pricing;
  readonly metrics: LimitMetrics;
}

export interface Pricing {
  readonly prices: PriceList;
  /** The largest prompt budget of all models: more of a request is not sent. */
  readonly contextTokens: number;
}

/** What code has on average; the difference to what was really used is made up for at the end. */
const CHARS_PER_TOKEN = 4;
/** A few lines; most answers are shorter. */
const ANSWER_TOKENS = 128;

const LIMIT_NAMES = {
  requestsPerMinute: 'requests_per_minute',
  tokensPerMinute: 'tokens_per_minute',
  concurrentStreams: 'concurrent_streams',
  day: 'day_budget',
  month: 'month_budget',
} as const;

const NOTHING: Pick<CompletionRequest, Measured> = { prefix: '', suffix: '', trigger: 'manual', max_tokens: 0 };

export function createGate({ limiter, pricing, metrics }: GateOptions): Gate {
  function decided(c: Context<AppEnv>, admission: Admission): Entry {
    metrics.decided(admission);
    if (admission.kind === 'refused') {
      const { refusal, headers } = admission;
      if (headers) setLimitHeaders(c, headers);
      if (refusal.shed) return 'shed';
      throw new ProblemError(refusalProblem(refusal));
    }
    const { ticket } = admission;
    const headers = ticket.headers();
    if (headers) setLimitHeaders(c, headers);
    if (ticket.saving) setHeader(c, SPENDING_HEADER, describe(ticket.saving));
    return ticket;
  }

  return {
    glance(c) {
      const refused = limiter.glance(c.get('principal'));
      if (refused) decided(c, refused);
    },
    enter(c, request) {
      const { trigger } = request;
      const { prices, contextTokens } = pricing();
      const prompt = Math.min(contextTokens, Math.ceil(charsOf(request) / CHARS_PER_TOKEN));
      const answer = (request.max_tokens ?? ANSWER_TOKENS) * (request.max_candidates ?? 1);
      const ask = { trigger, tokens: prompt + answer, cost: prices.estimate(prompt, answer) };
      const admission = limiter.admit(c.get('principal'), ask);
      return admission instanceof Promise ? admission.then((late) => decided(c, late)) : decided(c, admission);
    },
    async enterMalformed(c) {
      const entry = await this.enter(c, NOTHING);
      if (entry !== 'shed') entry.settle({ tokens: 0, cost: 0 });
    },
    leave(ticket, row) {
      const cost = pricing().prices.costOf(row);
      metrics.spent(row.model, cost);
      ticket.settle({ tokens: row.promptTokens + row.completionTokens, cost });
    },
  };
}

function setLimitHeaders(c: Context<AppEnv>, { policy, state }: { policy: string; state: string }): void {
  setHeader(c, 'ratelimit-policy', policy);
  setHeader(c, 'ratelimit', state);
}

function charsOf({ prefix, suffix, snippets }: Pick<CompletionRequest, Measured>): number {
  let chars = prefix.length + suffix.length;
  if (snippets) for (const { text } of snippets) chars += text.length;
  return chars;
}

/** The problem document of a refusal: which limit, whose, and when to ask again. */
export function refusalProblem({ pool: { limit, scope }, detail, retryAfterMs }: Refusal) {
  const name = limit === 'day' || limit === 'month' ? 'budget-spent' : 'rate-limited';
  return problem(name, detail, { retry_after_ms: retryAfterMs, limit: { name: LIMIT_NAMES[limit], scope } });
}

/** The value of `SPENDING_HEADER`: why a completion costs less than it might, in the words of the metrics. */
function describe(saving: Saving): string {
  switch (saving.kind) {
    case 'stopped':
      return `stopped;scope=${saving.stop.scope.kind}`;
    case 'budget-spent':
    case 'budget-unknown':
      return `${saving.kind};scope=${saving.pool.scope};period=${saving.pool.limit}`;
    case 'budget-low':
      return `budget-low;scope=${saving.pool.scope};period=${saving.pool.limit};used=${saving.usedShare.toFixed(2)}`;
  }
}
