import { misunderstood, refused, unreachable } from './failure.ts';

/** What a zod schema can do that is needed here. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

export interface GetOptions {
  readonly signal: AbortSignal;
  /** Sent as Bearer. */
  readonly apiKey?: string | undefined;
  /** Statuses besides 2xx whose body is the answer too: `/readyz` says 503 with one. */
  readonly alsoAnswers?: readonly number[];
  readonly fetch?: typeof fetch;
}

/** The answer of `path` on this origin, checked. Throws `RequestFailed`; rejects with the signal's reason on abort. */
export async function getJson<T>(path: string, schema: Schema<T>, options: GetOptions): Promise<T> {
  const { signal, apiKey, alsoAnswers = [], fetch = globalThis.fetch } = options;
  const headers = new Headers({ accept: 'application/json' });
  if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { headers, signal, cache: 'no-store' });
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
