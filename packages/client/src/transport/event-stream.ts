import type { StreamEvent } from '@ghostline/protocol';
import { type EventSourceMessage, createParser } from 'eventsource-parser';

/** The largest event is a problem document or a delta of one token batch; a megabyte without an end is not ours. */
const MAX_EVENT_CHARS = 1024 * 1024;

/**
 * The stream events in `body`, in order. Throws a TypeError for a malformed event or bytes that are no UTF-8, and the
 * body's own error when it breaks; leaving the loop early cancels the body. `onBytes` is called for every chunk, heartbeats included.
 */
export async function* readStreamEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamEvent, void, undefined> {
  let messages: EventSourceMessage[] = [];
  let tooLong: Error | undefined;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: (message) => messages.push(message),
    onError: (error) => {
      // Other complaints are about lines that SSE says to ignore.
      if (error.type === 'max-buffer-size-exceeded') tooLong = error;
    },
  });
  const reader = body.getReader();
  // Bytes that are no UTF-8 were damaged on the way; replaced, they would go into the document.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    const { parseStreamEvent } = await import('../schemas.ts');
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      parser.feed(decoder.decode(value, { stream: true }));
      const ready = messages;
      messages = [];
      for (const { event, data } of ready) {
        const parsed = parseStreamEvent(event, data);
        if (parsed) yield parsed;
      }
      if (tooLong) throw new TypeError('an event has no end', { cause: tooLong });
    }
  } finally {
    // Closes the connection unless the stream ended by itself; a broken one has nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
