import type { Trigger } from '@ghostline/protocol';

/**
 * Editors built on VS Code have waited 50 ms before they ask. 75 more make 125: longer than the 60–120 ms between keys of
 * one burst, so that a burst costs one request, and shorter than the 200 ms and more of looking up for help.
 */
const DEFAULT_DELAY_MS = 75;

/** How long to wait for another keystroke before a request, in ms. Whoever asks by hand does not wait. */
export function paceMs(trigger: Trigger, delayMs = DEFAULT_DELAY_MS): number {
  return trigger === 'automatic' ? Math.max(0, delayMs) : 0;
}
