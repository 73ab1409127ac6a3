import type { StreamEvent } from './completion.ts';

export const EVENT_STREAM_MEDIA_TYPE = 'text/event-stream';

/** Headers that keep proxies and antivirus from holding a stream back. */
export const EVENT_STREAM_HEADERS = {
  'content-type': `${EVENT_STREAM_MEDIA_TYPE}; charset=utf-8`,
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** One SSE frame. JSON escapes every line break, so the data is always a single line. */
export function encodeStreamEvent({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment line: parsers skip it, proxies see traffic. */
export const SSE_HEARTBEAT = ': \n\n';
