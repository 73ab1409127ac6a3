import { stat } from 'node:fs/promises';

export interface WatchOptions {
  readonly file: string;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
}

/**
 * Asked each second rather than told: notifications do not come for network file systems, nor for the symbolic links that
 * Kubernetes swaps under a mounted ConfigMap. A file that is gone is no change: it is being replaced, or was deleted by mistake.
 */
export function watchFile({ file, onChange, signal, intervalMs = 1_000 }: WatchOptions): void {
  let known: string | undefined;
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const seen = await stampOf(file);
    looking = false;
    if (signal.aborted || seen === undefined || seen === known) return;
    const first = known === undefined;
    known = seen;
    if (!first) onChange();
  }

  void look();
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
