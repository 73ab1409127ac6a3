import type { Milestones } from '../milestones.ts';

export interface FirstRunOptions {
  readonly milestones: Pick<Milestones, 'has' | 'reached'>;
  readonly serverUrl: () => string;
  /** Somebody set the server: nothing is looked for, and nothing offered. */
  readonly isServerChosen: () => boolean;
  /** Whether this machine can be asked from here: a page of another origin cannot, without a question of the browser. */
  readonly canLook: boolean;
  readonly find: (signal: AbortSignal) => Promise<string | undefined>;
  /** Resolves when the server in the settings answers. */
  readonly check: (signal: AbortSignal) => Promise<void>;
  readonly onFound: (url: string) => void;
}

/** Until somebody has been connected once: looks for a server, quietly and once a session. */
export async function firstRun(options: FirstRunOptions, signal: AbortSignal): Promise<void> {
  const { milestones, isServerChosen, canLook } = options;
  if (milestones.has('isConnected')) return;
  if (isServerChosen() || !canLook) {
    await options.check(signal).then(
      () => milestones.reached('isConnected'),
      // The status bar tells.
      () => undefined,
    );
    return;
  }
  const url = await options.find(signal);
  // Somebody may have set it meanwhile.
  if (url === undefined || signal.aborted || isServerChosen()) return;
  if (url === options.serverUrl()) milestones.reached('isConnected');
  else options.onFound(url);
}
