import { EVENT_STREAM_HEADERS, SSE_HEARTBEAT, type StreamEvent, encodeStreamEvent } from '@ghostline/protocol';
import { isGone } from './client-gone.ts';

/** Below the 30–60 s after which proxies give up on a silent connection. */
const HEARTBEAT_MS = 15_000;

/** What is needed of Node's response, of HTTP/1 or HTTP/2. */
export interface Outgoing {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly writableNeedDrain: boolean;
  readonly destroyed?: boolean;
  /** Of HTTP/2, whose response does not say itself whether it is gone. */
  readonly stream?: { readonly destroyed: boolean };
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(text: string): unknown;
  end(text: string): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

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
export function openEventStream(response: Outgoing, headers: Record<string, string>): EventStream {
  let pending = '';
  let flushing = false;
  let heartbeat: NodeJS.Timeout | undefined;
  let stuck = false;

  function flush(): void {
    flushing = false;
    if (pending === '' || isGone(response)) return;
    if (!response.headersSent) begin();
    response.write(pending);
    pending = '';
  }

  function begin(): void {
    response.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS });
    heartbeat = setInterval(beat, HEARTBEAT_MS);
    response.on('close', () => clearInterval(heartbeat));
  }

  /** A reader that took nothing from one beat to the next will not; what waits for it must not wait for ever. */
  function beat(): void {
    if (!response.writableNeedDrain) response.write(SSE_HEARTBEAT);
    else if (stuck) response.destroy();
    stuck = response.writableNeedDrain;
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

/** Resolves when what was written has left, or nobody is there to take it. */
function drained(response: Outgoing): Promise<void> | void {
  if (isGone(response)) return;
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}
