import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createAnalyticsApp } from './app.ts';
import { openChdbEngine } from './chdb-engine.ts';

export interface AnalyticsOptions {
  /** Created when missing; one process at a time. */
  readonly dataDir: string;
  /** What clients must send, as a bearer token or as the password of basic authentication. */
  readonly token: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Default 127.0.0.1: the interface is for the processes of this machine. */
  readonly host?: string;
}

export interface Analytics {
  readonly url: string;
  /** Answers what has been asked, then lets go of the directory. */
  close(): Promise<void>;
}

/** Opens the embedded store and serves it. Rejects with the reason when the directory or the port is taken. */
export async function startAnalytics({
  dataDir,
  token,
  port,
  host = '127.0.0.1',
}: AnalyticsOptions): Promise<Analytics> {
  const engine = await openChdbEngine(dataDir);
  const server = createAdaptorServer({ fetch: createAnalyticsApp({ engine, token }).fetch }) as Server;
  try {
    await listen(server, port, host);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host}:${bound}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
      await engine.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
