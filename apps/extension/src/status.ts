/** What the status bar says, decided from the state alone. */
import type { ClientFailure, ClientState, Pace } from '@ghostline/client';
import type { Enablement, Off } from './enablement.ts';
import { type Latency, roughly } from './latency.ts';

/** `vscode.l10n.t` */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

export type Status = ClientState | Off;

/** `enablement` is that of the document at hand; undefined without one. Being off outranks the server's state. */
export function statusOf(client: ClientState, enablement: Enablement | undefined): Status {
  return enablement?.kind === 'off' ? enablement : client;
}

export interface StatusView {
  /** With VS Code's `$(icon)` syntax. */
  readonly text: string;
  /** The same for a screen reader, as a sentence. */
  readonly label: string;
  readonly detail: string;
  /** What else is worth knowing at a second look: pairs of a word and its value. */
  readonly facts: readonly (readonly [string, string])[];
  /** The user has to do something; everything else passes by itself. */
  readonly needsAction: boolean;
}

/** What the state alone does not say. */
export interface StatusContext {
  readonly serverUrl: string;
  /** Of the document at hand. */
  readonly language?: string;
  readonly latency?: Latency;
  readonly pace: Pace;
  /** Suggestions come when asked for by hand only. */
  readonly onDemand: boolean;
  /** A time of day as its user writes it. */
  readonly timeOf: (at: number) => string;
}

export function statusView(status: Status, context: StatusContext, t: Translate): StatusView {
  const { serverUrl, latency } = context;
  // Equally wide in both states, and not next to trouble, where a number that was good once only confuses.
  const working = (icon: string, state: string, detail: string): StatusView => ({
    ...view(icon, '', state, detail),
    text: `$(${icon}) Ghostline${latency ? ` · ${roughly(latency.typicalMs)}` : ''}`,
    facts: facts(context, t),
  });
  switch (status.kind) {
    case 'ready': {
      const detail = context.onDemand
        ? t('Suggestions come from {0} when you ask for one (Alt+\\).', serverUrl)
        : t('Suggestions come from {0}.', serverUrl);
      return working('sparkle', t('ready'), detail);
    }
    case 'thinking':
      return working('loading~spin', t('thinking'), t('Waiting for {0}.', serverUrl));
    case 'offline': {
      const reason = shortReason(status.failure, t);
      const needsAction = status.failure.reason === 'unauthenticated';
      // The server's own words explain an HTTP header to whoever calls it from a program.
      const detail = needsAction
        ? t('{0} needs an access token, or refused the one it was given. Click to set it.', serverUrl)
        : status.failure.detail;
      return { ...view('debug-disconnect', reason, t('offline, {0}', reason), detail), needsAction };
    }
    case 'local': {
      const why = status.failure
        ? t('{0} Meanwhile the editor suggests by itself, from your open files.', status.failure.detail)
        : t('{0} leaves suggestions to the editor for now: they come from your open files.', serverUrl);
      const label = status.failure
        ? t('local suggestions, {0}', shortReason(status.failure, t))
        : t('local suggestions');
      return view('device-desktop', t('local suggestions'), label, why);
    }
    case 'off':
      return offView(status, context, t);
  }
}

function offView(status: Off, { language = '', timeOf }: StatusContext, t: Translate): StatusView {
  switch (status.why) {
    case 'paused':
      return pausedView(status.pause, timeOf, t);
    case 'language':
      return view(
        'circle-slash',
        '',
        t('off for {0}', language),
        t('Suggestions are off for {0} (setting ghostline.enable).', language),
      );
    case 'excluded':
      return view(
        'circle-slash',
        '',
        t('off, file excluded'),
        t('The text of this file never leaves the editor: excluded by ghostline.exclude or as a file of secrets.'),
      );
    case 'ignored':
      return view(
        'circle-slash',
        '',
        t('off, file ignored'),
        t('The text of this file never leaves the editor: an ignore file of the workspace names it.'),
      );
    case 'document':
      return view('circle-slash', '', t('off here'), t('No suggestions in this kind of document.'));
  }
}

function pausedView(
  pause: Extract<Off, { why: 'paused' }>['pause'],
  timeOf: StatusContext['timeOf'],
  t: Translate,
): StatusView {
  switch (pause.kind) {
    case 'everywhere':
      return view('debug-pause', t('paused'), t('paused'), t('Suggestions are paused in every window.'));
    case 'until': {
      const until = t('paused until {0}', timeOf(pause.at));
      return view('debug-pause', until, until, t('Suggestions are paused in this window until {0}.', timeOf(pause.at)));
    }
    case 'until-restart':
      return view(
        'debug-pause',
        t('paused'),
        t('paused'),
        t('Suggestions are paused in this window until it restarts.'),
      );
  }
}

function view(icon: string, suffix: string, state: string, detail: string): StatusView {
  return {
    text: suffix === '' ? `$(${icon}) Ghostline` : `$(${icon}) Ghostline: ${suffix}`,
    label: `Ghostline: ${state}`,
    detail,
    facts: [],
    needsAction: false,
  };
}

function facts({ latency, pace, onDemand }: StatusContext, t: Translate): StatusView['facts'] {
  return [
    ...(latency
      ? ([
          [t('Region'), latency.region],
          [t('Latency'), t('{0} as a rule', roughly(latency.typicalMs))],
        ] as const)
      : []),
    [t('Pace'), onDemand ? t('on demand only') : paceName(pace, t)],
  ];
}

export function paceName(pace: Pace, t: Translate): string {
  switch (pace) {
    case 'calm':
      return t('calm');
    case 'balanced':
      return t('balanced');
    case 'eager':
      return t('eager');
  }
}

function shortReason({ reason }: ClientFailure, t: Translate): string {
  switch (reason) {
    case 'unreachable':
      return t('server unreachable');
    case 'unauthenticated':
      return t('token needed');
    case 'rate-limited':
      return t('rate limit reached');
    case 'rejected':
      return t('request refused');
    case 'server':
      return t('server error');
    case 'protocol':
      return t('unexpected answer');
  }
}
