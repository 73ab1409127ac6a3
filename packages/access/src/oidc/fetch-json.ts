/** JWKS of big issuers have some 20 KB. */
const MAX_BYTES = 1_048_576;

/**
 * The JSON document at `url`. Rejects with a sentence that an operator understands: when nothing answers before `deadline`,
 * with anything but 200, or with what is no JSON. Redirects are not followed: an issuer's address is its identity.
 */
export async function fetchJson(
  url: string,
  { fetch, deadline, signal }: { fetch: typeof globalThis.fetch; deadline: AbortSignal; signal: AbortSignal },
): Promise<unknown> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([deadline, signal]),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new UnfitError(`${url} answers with status ${response.status}`);
    }
    return parse(url, await readText(response, url));
  } catch (error) {
    if (error instanceof UnfitError) throw error;
    if (deadline.aborted) throw new Error(`${url} did not answer in time`, { cause: error });
    throw new Error(`${url} cannot be reached (${causeOf(error)})`, { cause: error });
  }
}

class UnfitError extends Error {}

async function readText(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_BYTES) throw new UnfitError(`${url} answers with more than ${MAX_BYTES} bytes`);
  }
  return text + decoder.decode();
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnfitError(`${url} answers with something that is not JSON`);
  }
}

/** `fetch failed` says nothing; what it was caused by does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  // What refuses an address itself says which, and why.
  const told = typeof code === 'string' && code !== 'ERR_ADDRESS_REFUSED';
  return told ? code : cause instanceof Error ? cause.message : String(cause);
}
