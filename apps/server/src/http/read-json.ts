import type { Readable } from 'node:stream';
import { ProblemError, problem } from '@ghostline/protocol';
import type { Context } from 'hono';
import type { AppEnv } from './principal.ts';

/** The client closed its connection before its request was complete. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** The body as JSON. Throws ProblemError: 415 for another media type, 413 beyond `limit` bytes, 400 for malformed JSON. */
export async function readJson(c: Context<AppEnv>, limit: number): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError(problem('unsupported-media-type', 'Send the body with "Content-Type: application/json".'));
  }
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new ProblemError(problem('unsupported-media-type', 'Send the body uncompressed, without Content-Encoding.'));
  }
  if (Number(c.req.header('content-length') ?? 0) > limit) throw tooLarge(limit);
  const text = await readText(c, limit);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError(problem('invalid-json', describeSyntaxError(cause)), { cause });
  }
}

/** Straight from the socket where there is one: a web stream in between costs more than parsing the JSON. */
async function readText(c: Context<AppEnv>, limit: number): Promise<string> {
  const incoming = c.env?.incoming;
  if (!incoming) {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    if (bytes.length > limit) throw tooLarge(limit);
    return bytes.toString('utf8');
  }
  return collect(incoming, limit);
}

function collect(incoming: Readable, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else reject(tooLarge(limit));
    });
    const gone = () => reject(new ClientGoneError());
    incoming.once('error', gone);
    incoming.once('close', gone);
    incoming.once('end', () => {
      // Every request closes in the end: an error made then, stack and all, would be for nobody.
      incoming.off('close', gone);
      resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8'));
    });
  });
}

function tooLarge(limit: number): ProblemError {
  return new ProblemError(
    problem('too-large', `The body is larger than ${limit} bytes, which is the most this address takes.`),
  );
}

/** Where the JSON breaks, without quoting it: it is somebody's source code. */
function describeSyntaxError(error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined
    ? 'The body ends before the JSON does, or is not JSON.'
    : `The JSON breaks at character ${position}.`;
}
