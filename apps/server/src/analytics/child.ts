import process from 'node:process';
import { reasonOf } from '../reason-of.ts';
import { type Analytics, type AnalyticsOptions, startAnalytics } from './analytics.ts';

/** What the analytics process tells its parent, over the IPC channel. */
export type ChildMessage =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** A query may run this long into the end; then the process goes, which ClickHouse's storage is made for. */
const CLOSE_MS = 5_000;

/**
 * The life of the analytics process: serves until the parent is gone, however it went. Resolves when the
 * process has nothing left to do; rejects, after telling the parent why, when it cannot start.
 */
export async function serveAnalytics(options: AnalyticsOptions): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    // Ctrl+C, and service managers that stop a whole group, reach us too; the parent still drains and needs us until it
    // disconnects.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
    if (!process.connected) resolve();
  });
  try {
    const analytics = await startOnSamePort(options);
    await tell({ kind: 'listening', url: analytics.url });
    await ended;
    const impatience = setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_MS);
    await analytics.close();
    clearTimeout(impatience);
  } catch (error) {
    await tell({ kind: 'failed', reason: reasonOf(error) });
    throw error;
  } finally {
    // The channel would keep the process alive.
    if (process.connected) process.disconnect();
  }
}

/** The port it had before its restart spares the others new connections; when that is taken, any will do. */
async function startOnSamePort(options: AnalyticsOptions): Promise<Analytics> {
  try {
    return await startAnalytics(options);
  } catch (error) {
    if (options.port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startAnalytics({ ...options, port: 0 });
  }
}

function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}
