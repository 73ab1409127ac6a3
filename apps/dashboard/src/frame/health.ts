import type { Readiness } from '@ghostline/protocol';

export interface Health {
  readonly level: 'ok' | 'degraded' | 'down' | 'unknown';
  readonly label: string;
}

const BY_SEVERITY = ['down', 'degraded'] as const;

/** `event_log` as a person says it. */
export function componentName(name: string): string {
  return name.replaceAll('_', ' ');
}

/** One word for the whole server: its worst component's, named. Undefined readiness: it did not answer. */
export function healthOf(readiness: Readiness | undefined, answered: boolean): Health {
  if (!answered) return { level: 'down', label: 'Server unreachable' };
  if (!readiness) return { level: 'unknown', label: 'Checking…' };
  const components = Object.entries(readiness.components);
  for (const state of BY_SEVERITY) {
    const names = components.filter(([, component]) => component.state === state).map(([name]) => componentName(name));
    if (names.length > 0)
      return { level: readiness.ready ? 'degraded' : 'down', label: `${names.join(', ')} ${state}` };
  }
  return readiness.ready ? { level: 'ok', label: 'All systems ready' } : { level: 'down', label: 'Not ready' };
}
