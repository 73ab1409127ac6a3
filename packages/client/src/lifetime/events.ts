import { type TelemetryEvent, isLanguageId } from '@ghostline/protocol';

type How = TelemetryEvent['how'];

export interface ViewIdentity {
  readonly viewId: string;
  readonly completionId: string;
  readonly choice: number;
  readonly language: string;
  readonly extendedBy: string | undefined;
}

/** The fields every event has; numbers and ids only, never text. `at` is the client's clock in ms. */
export function commonFields(view: ViewIdentity, how: How, at: number, eventId: string) {
  return {
    event_id: eventId,
    completion_id: view.completionId,
    choice: view.choice,
    view_id: view.viewId,
    time: new Date(at).toISOString(),
    how,
    ...(view.completionId.startsWith('loc_') ? { origin: 'local' as const } : {}),
    ...(view.extendedBy === undefined ? {} : { extended_by: view.extendedBy }),
    ...(isLanguageId(view.language) ? { language: view.language } : {}),
  };
}

export function extentOf(text: string): { chars: number; lines: number } {
  return { chars: text.length, lines: text.split('\n').length };
}

/** What the protocol takes: ten minutes until text is there, a week until it is decided about. */
const LONGEST_MS = 600_000;
const LONGEST_S = 604_800;

/** Seconds on screen; a clock set back counts as none, and one set on does not cost the event. */
export function secondsSince(since: number, at: number): number {
  return Math.min(Math.max(0, at - since) / 1000, LONGEST_S);
}

export function latencyOf({ latencyMs }: { readonly latencyMs: number }): number {
  return Math.min(Math.max(0, latencyMs), LONGEST_MS);
}
