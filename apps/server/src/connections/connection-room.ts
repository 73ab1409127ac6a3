import type { Socket } from 'node:net';
import { PROBLEM_MEDIA_TYPE, problem } from '@ghostline/protocol';

/** Connections that are open, by where they are from. */
export interface ConnectionRoom {
  /** Counts the socket until it closes; false when its address has as many as it may. */
  enter(socket: Socket): boolean;
}

export interface ConnectionRoomOptions {
  readonly perAddress: number;
  /** The address, or the network of it, that counts as one; undefined: it may have any number. */
  readonly networkOf: (address: string) => string | undefined;
}

export function createConnectionRoom({ perAddress, networkOf }: ConnectionRoomOptions): ConnectionRoom {
  const open = new Map<string, number>();
  return {
    enter(socket) {
      const network = networkOf(socket.remoteAddress ?? '');
      if (network === undefined) return true;
      const here = open.get(network) ?? 0;
      if (here >= perAddress) return false;
      open.set(network, here + 1);
      socket.once('close', () => {
        const left = open.get(network)! - 1;
        if (left === 0) open.delete(network);
        else open.set(network, left);
      });
      return true;
    },
  };
}

const RETRY_AFTER_S = 5;
/** For the answer to be read: a socket closed on what was sent to it loses what it had said. */
const LINGER_MS = 1_000;
/** They hold room of others: a flood of connections is closed without a word. */
const MAX_LINGERING = 100;

const BODY = JSON.stringify(
  problem(
    'too-many-connections',
    'Your address has as many connections open as this server allows one. Use them again, or over HTTP/2 only one; if this is a proxy, its operator names it in listen.trustedProxies.',
    { retry_after_ms: RETRY_AFTER_S * 1000 },
  ),
);
const ANSWER = [
  'HTTP/1.1 503 Service Unavailable',
  `content-type: ${PROBLEM_MEDIA_TYPE}`,
  `content-length: ${Buffer.byteLength(BODY)}`,
  `retry-after: ${RETRY_AFTER_S}`,
  'connection: close',
  '',
  BODY,
].join('\r\n');

/** Lets connections go, with the reason where one can be said before a handshake: `plain`, without TLS. */
export function createRefusal({
  plain,
  lingerMs = LINGER_MS,
}: {
  readonly plain: boolean;
  readonly lingerMs?: number;
}): (socket: Socket) => void {
  let lingering = 0;
  return (socket) => {
    socket.on('error', () => {});
    if (!plain || lingering >= MAX_LINGERING) return void socket.destroy();
    lingering += 1;
    const linger = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => {
      lingering -= 1;
      clearTimeout(linger);
    });
    socket.resume();
    socket.end(ANSWER);
  };
}
