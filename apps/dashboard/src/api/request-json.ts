import { misunderstood, refused, unreachable } from './failure.ts';

/** What a zod schema can do that is needed here. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** Sent as Bearer. */
  readonly apiKey?: string | undefined;
  /** Statuses besides 2xx whose body is the answer too: `/readyz` says 503 with one. */
  readonly alsoAnswers?: readonly number[];
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object;
  readonly fetch?: typeof fetch;
}

/** The answer of `path` on this origin, checked. Throws `RequestFailed`; rejects with the signal's reason on abort. */
export async function requestJson<T>(path: string, schema: Schema<T>, options: RequestOptions): Promise<T> {
  const { signal, apiKey, alsoAnswers = [], method = 'GET', body: sent, fetch = globalThis.fetch } = options;
  const headers = new Headers({ accept: 'application/json' });
  if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
  if (sent !== undefined) headers.set('content-type', 'application/json');
  const request: RequestInit = { method, headers, signal, cache: 'no-store' };
  if (sent !== undefined) request.body = JSON.stringify(sent);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, request);
    body = await response.json().catch((cause: unknown) => {
      if (cause instanceof SyntaxError) return undefined;
      throw cause;
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(path, cause);
  }
  if (!response.ok && !alsoAnswers.includes(response.status)) throw refused(path, response.status, body);
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw response.ok ? misunderstood(path, parsed.error) : refused(path, response.status, body);
  }
  return parsed.data;
}
