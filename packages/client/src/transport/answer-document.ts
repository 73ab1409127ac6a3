import type { StreamEvent } from '@ghostline/protocol';

/** The answer as one document, as the events of the stream it stands for. Throws a TypeError for any other document. */
export async function eventsOfDocument(document: unknown): Promise<StreamEvent[]> {
  const { CompletionResponse } = await import('../schemas.ts');
  const parsed = CompletionResponse.safeParse(document);
  if (!parsed.success) throw new TypeError('not a completion');
  const { choices, usage, timings, reason, ...start } = parsed.data;
  const events: StreamEvent[] = [{ event: 'start', data: start }];
  for (const { index, text, finish_reason } of choices) {
    if (text !== '') events.push({ event: 'delta', data: { index, text } });
    events.push({ event: 'finish', data: { index, reason: finish_reason } });
  }
  events.push({ event: 'done', data: { usage, timings, ...(reason && { reason }) } });
  return events;
}
