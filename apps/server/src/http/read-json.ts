import type { Readable } from 'node:stream';
import { ProblemError, problem } from '@ghostline/protocol';
import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import type { BodyRoom } from './body-room.ts';
import { ClientGoneError, isGone } from './client-gone.ts';

/**
 * The body as JSON. Throws ProblemError: 415 for another media type, 413 beyond `limit` bytes, 429 when its sender has too many
 * that are not whole, 400 for malformed JSON. `parse` may be quicker than JSON.parse, and throws its errors.
 */
export async function readJson(
  c: Context<AppEnv>,
  limit: number,
  parse: (bytes: Buffer) => unknown = parseAnew,
): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError(problem('unsupported-media-type', 'Send the body with "Content-Type: application/json".'));
  }
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new ProblemError(problem('unsupported-media-type', 'Send the body uncompressed, without Content-Encoding.'));
  }
  if (Number(c.req.header('content-length') ?? 0) > limit) throw tooLarge(limit);
  const bytes = await readBytes(c, limit);
  try {
    return parse(bytes);
  } catch (cause) {
    throw new ProblemError(problem('invalid-json', describeSyntaxError(cause)), { cause });
  }
}

function parseAnew(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}

/** Straight from the socket where there is one: a web stream in between costs more than parsing the JSON. */
async function readBytes(c: Context<AppEnv>, limit: number): Promise<Buffer> {
  const incoming = c.env?.incoming;
  if (!incoming) {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    if (bytes.length > limit) throw tooLarge(limit);
    return bytes;
  }
  // Who left while it was found out who asks: what comes then of a body, its end included, never comes.
  if (c.env.outgoing && isGone(c.env.outgoing)) throw new ClientGoneError();
  const [bodies, principal] = [c.get('bodies'), c.get('principal')];
  const room = bodies && { bodies, owner: principal ? `${principal.org}\n${principal.keyId}` : '' };
  return collect(incoming, limit, room);
}

interface OwnRoom {
  readonly bodies: BodyRoom;
  readonly owner: string;
}

function collect(incoming: Readable, limit: number, room: OwnRoom | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    let taken = 0;

    const giveBack = () => {
      if (taken > 0) room?.bodies.giveBack(room.owner, taken);
      taken = 0;
    };
    const refuse = (problem: ProblemError) => {
      refused = true;
      chunks = [];
      giveBack();
      reject(problem);
    };
    incoming.on('data', (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      if (size > limit) return refuse(tooLarge(limit));
      if (room?.bodies.take(room.owner, chunk.length) === false) return refuse(tooManyUnfinished());
      if (room) taken += chunk.length;
      chunks.push(chunk);
    });
    const gone = () => {
      giveBack();
      reject(new ClientGoneError());
    };
    incoming.once('error', gone);
    incoming.once('close', gone);
    incoming.once('end', () => {
      // Every request closes in the end: an error made then, stack and all, would be for nobody.
      incoming.off('close', gone);
      giveBack();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
  });
}

function tooManyUnfinished(): ProblemError {
  const detail =
    'Too many requests are on their way here whose bodies have not come whole. Send each at once, or fewer.';
  return new ProblemError(problem('rate-limited', detail, { retry_after_ms: 1_000 }));
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
