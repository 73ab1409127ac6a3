import type { TelemetryEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { harness, problemOf, start } from '../testing/app-harness.ts';
import { createCompletionIds } from './completion-id.ts';

describe('recordTelemetry', () => {
  const event = {
    event_id: '019a0000-0000-7000-8000-000000000001',
    view_id: '019a0000-0000-7000-8000-000000000002',
    completion_id: start.completionId,
    choice: 0,
    type: 'completion-rejected',
    time: new Date().toISOString(),
    how: 'inferred',
    chars: 3,
    lines: 1,
    after_s: 1,
  } satisfies TelemetryEvent;

  it('acknowledges what is durable and lists what it refused', async () => {
    const { post, appended } = harness({ append: async () => ({ accepted: 1, duplicates: 1 }) });
    const forged = { ...event, completion_id: createCompletionIds(Buffer.alloc(32, 9)).create('local') };
    const response = await post('/v1/telemetry', { events: [{}, event, forged, event] });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 1,
      duplicates: 1,
      rejected: [{ index: 0 }, { index: 2, detail: expect.stringMatching(/completion_id/) }],
    });
    expect(appended).toMatchObject([
      { kind: 'event', org: 'local', event: { event_id: event.event_id } },
      { kind: 'event' },
    ]);
  });

  it('acknowledges nothing when the log fails', async () => {
    const { post } = harness({ append: async () => Promise.reject(new Error('disk full')) });
    expect(await problemOf(await post('/v1/telemetry', { events: [event] }))).toMatchObject({
      name: 'event-log-unavailable',
      retryable: true,
    });
  });
});
