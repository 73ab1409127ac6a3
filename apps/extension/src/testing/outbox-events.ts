import type { TelemetryEvent } from '@ghostline/protocol';

let last = 0;

/** An event as the client records it; ids rise. */
export function anEvent(now = Date.now()): TelemetryEvent {
  const time = now.toString(16).padStart(12, '0');
  const random = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0'));
  const rising = (last++ % 4096).toString(16).padStart(3, '0');
  return {
    type: 'completion-rejected',
    event_id: `${time.slice(0, 8)}-${time.slice(8)}-7${rising}-8000-${random.join('')}`,
    completion_id: 'cmp_12345678',
    choice: 0,
    view_id: '01936f00-0000-7000-8000-000000000001',
    time: new Date(now).toISOString(),
    how: 'inferred',
    chars: 1,
    lines: 1,
    after_s: 0,
  };
}
