import { describe, expect, it } from 'vitest';
import { healthOf } from './health.ts';

const base = { region: 'eu-west', version: '0.1.0' };

describe('the health of the server in one word', () => {
  it('is ready when every component is', () => {
    const readiness = { ...base, ready: true, components: { gateway: { state: 'ok' as const } } };
    expect(healthOf(readiness, true)).toEqual({ level: 'ok', label: 'All systems ready' });
  });
  it('names the worst component', () => {
    const components = { redis: { state: 'degraded' as const }, event_log: { state: 'down' as const } };
    expect(healthOf({ ...base, ready: true, components }, true)).toEqual({
      level: 'degraded',
      label: 'event log down',
    });
    expect(healthOf({ ...base, ready: false, components }, true).level).toBe('down');
  });
  it('is unreachable when there was no answer, whatever the last one said', () => {
    const readiness = { ...base, ready: true, components: {} };
    expect(healthOf(readiness, false)).toEqual({ level: 'down', label: 'Server unreachable' });
    expect(healthOf(undefined, true).level).toBe('unknown');
  });
});
