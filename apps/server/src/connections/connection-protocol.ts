import type { Socket } from 'node:net';

/** What every HTTP/2 connection begins with (RFC 9113, section 3.4); no method of HTTP/1 begins with its first three bytes. */
const PREFACE = Buffer.from('PRI');

/** Which protocol a connection speaks, by its first bytes; undefined while they may still become either. */
export function protocolOf(bytes: Uint8Array): 'h1' | 'h2' | undefined {
  const compared = Math.min(bytes.length, PREFACE.length);
  if (!PREFACE.subarray(0, compared).equals(bytes.subarray(0, compared))) return 'h1';
  return bytes.length >= PREFACE.length ? 'h2' : undefined;
}

export interface ProtocolSorter {
  /** Hands the socket on once its protocol is known, with every byte still to be read. Takes only sockets that nobody reads. */
  sort(socket: Socket): void;
  /** Lets go of the connections that have not said anything yet. */
  dropSilent(): void;
}

/**
 * HTTP/1 and HTTP/2 with prior knowledge on one port without TLS: proxies speak h2c, probes and `curl` HTTP/1. A connection
 * that says nothing for `patienceMs` is closed.
 */
export function createProtocolSorter({
  patienceMs,
  onConnection,
}: {
  readonly patienceMs: number;
  readonly onConnection: (socket: Socket, protocol: 'h1' | 'h2') => void;
}): ProtocolSorter {
  const silent = new Set<Socket>();

  function sort(socket: Socket): void {
    let said: Buffer = Buffer.alloc(0);
    const drop = () => socket.destroy();
    const forget = () => silent.delete(socket);
    const look = () => {
      for (let bytes: Buffer | null; (bytes = socket.read() as Buffer | null) !== null;) {
        said = said.length === 0 ? bytes : Buffer.concat([said, bytes]);
        const protocol = protocolOf(said);
        if (protocol === undefined) continue;
        socket.off('readable', look).off('timeout', drop).off('error', drop).off('end', drop).off('close', forget);
        socket.setTimeout(0);
        forget();
        socket.unshift(said);
        onConnection(socket, protocol);
        return;
      }
    };
    silent.add(socket);
    socket.on('readable', look).once('timeout', drop).once('error', drop).once('end', drop).once('close', forget);
    socket.setTimeout(patienceMs);
  }

  return {
    sort,
    dropSilent() {
      for (const socket of silent) socket.destroy();
    },
  };
}
