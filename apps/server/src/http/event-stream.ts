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
 * An SSE response written straight to Node's: through a web stream the same bytes cost a multiple. Nothing leaves before the
 * first frame, so the caller opens it only when it has one; an answer that is complete by then, a cached one as a rule, goes
 * out as one body with its length.
 */
export function openEventStream(response: ServerResponse, headers: Record<string, string>): EventStream {
  let pending = '';
  let flushing = false;
  let heartbeat: NodeJS.Timeout | undefined;

  function flush(): void {
    flushing = false;
    if (pending === '' || response.destroyed) return;
    if (!response.headersSent) begin();
    response.write(pending);
    pending = '';
  }

  function begin(): void {
    response.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS });
    heartbeat = setInterval(() => response.write(SSE_HEARTBEAT), HEARTBEAT_MS);
    response.once('close', () => clearInterval(heartbeat));
  }

  return {
    send(event) {
      pending += encodeStreamEvent(event);
      if (!flushing) {
        flushing = true;
        // Runs when the promise chain that produced this frame has drained.
        process.nextTick(flush);
      }
      return response.writableNeedDrain ? drained(response) : undefined;
    },
    end() {
      const rest = pending;
      pending = '';
      if (!response.headersSent) {
        const length = String(Buffer.byteLength(rest));
        response.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS, 'content-length': length });
      }
      response.end(rest);
    },
  };
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
