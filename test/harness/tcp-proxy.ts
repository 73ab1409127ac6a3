import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** From now on every piece of an answer comes so much later; in milliseconds. */
  delay(ms: number): void;
  /** New connections lead there; those that are open stay where they are, as after a change of an address. */
  leadTo(port: number): void;
  readonly connections: number;
  /** Bytes that clients have sent so far. */
  readonly bytesUp: number;
  stop(): Promise<void>;
}

/** A way to a server of this machine that can become long, or lead elsewhere. */
export async function startTcpProxy(toPort: number): Promise<TcpProxy> {
  let target = toPort;
  let delayMs = 0;
  let bytesUp = 0;
  const open = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.setNoDelay();
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      bytesUp += bytes.length;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (delayMs === 0) client.write(bytes);
      else setTimeout(() => client.destroyed || client.write(bytes), delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => (delayMs = ms),
    leadTo: (port) => (target = port),
    get connections() {
      return open.size / 2;
    },
    get bytesUp() {
      return bytesUp;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
