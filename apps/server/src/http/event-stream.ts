import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { EVENT_STREAM_HEADERS, SSE_HEARTBEAT, type StreamEvent, encodeStreamEvent } from '@ghostline/protocol';

/** Below the 30–60 s after which proxies give up on a silent connection. */
const HEARTBEAT_MS = 15_000;

export interface EventStream {
  /** Resolves at once, or when a slow reader has caught up. Frames of one tick leave in one write. */
  send(event: StreamEvent): Promise<void> | void;
  end(): void;
}

/**
 * An SSE response written straight to Node's: through a web stream the same bytes cost a multiple. The headers go out with
 * the first frame, so the caller starts it only when it has one.
 */
export function openEventStream(response: ServerResponse, headers: Record<string, string>): EventStream {
  let pending = '';
  let flushing = false;
  response.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS });
  const heartbeat = setInterval(() => response.write(SSE_HEARTBEAT), HEARTBEAT_MS);
  const flush = () => {
    flushing = false;
    if (pending === '' || response.destroyed) return;
    response.write(pending);
    pending = '';
  };
  response.once('close', () => clearInterval(heartbeat));
  return {
    send(event) {
      pending += encodeStreamEvent(event);
      if (!flushing) {
        flushing = true;
        // Runs when the promise chain that produced this frame has drained: a cached answer is one write.
        process.nextTick(flush);
      }
      return response.writableNeedDrain ? drained(response) : undefined;
    },
    end() {
      const rest = pending;
      pending = '';
      response.end(rest);
    },
  };
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
