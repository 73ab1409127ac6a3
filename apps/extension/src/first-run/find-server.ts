/** A first run finds a server on this machine by itself. */

/**
 * The default port; the next ones, which are taken where it is not free; and 8080, which containers often publish. Only
 * loopback: nobody else is asked whether he is a server.
 */
export const CANDIDATES = [
  'http://127.0.0.1:4700',
  'http://[::1]:4700',
  'http://127.0.0.1:4701',
  'http://127.0.0.1:4702',
  'http://127.0.0.1:8080',
] as const;

/** A server on this machine answers within milliseconds; a cold one, or a busy machine, is given a hundred times that. */
const ANSWER_WITHIN_MS = 1500;

export interface FindServerOptions {
  readonly candidates?: readonly string[];
  readonly fetch?: typeof globalThis.fetch;
  readonly timeout?: (ms: number) => AbortSignal;
}

/** The first of the candidates, in their order, at which a Ghostline answers. All are asked at once, and no one twice. */
export async function findServer(signal: AbortSignal, options: FindServerOptions = {}): Promise<string | undefined> {
  const { candidates = CANDIDATES, fetch = globalThis.fetch, timeout = AbortSignal.timeout } = options;
  const within = AbortSignal.any([signal, timeout(ANSWER_WITHIN_MS)]);
  const answers = candidates.map((url) => isGhostline(url, fetch, within));
  for (const [index, answer] of answers.entries()) if (await answer) return candidates[index];
  return undefined;
}

/** Asks without a token, as whoever answers may be somebody else. */
async function isGhostline(url: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal,
    });
    // A server that is about to end answers 503 with the same document.
    return (response.ok || response.status === 503) && isReadiness(await response.json());
  } catch {
    return false;
  }
}

/** What `GET /readyz` says, and with these parts nobody else's does. */
function isReadiness(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const { ready, region, version, components } = body as Record<string, unknown>;
  const hasParts = typeof components === 'object' && components !== null && 'inference' in components;
  return typeof ready === 'boolean' && typeof region === 'string' && typeof version === 'string' && hasParts;
}
