/** What the status bar says, decided from the state alone. */
import type { ClientFailure, ClientState } from '@ghostline/client';
import type { Enablement } from './enablement.ts';

/** `vscode.l10n.t` */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

export type Status = ClientState | Extract<Enablement, { kind: 'off' }>;

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
  /** The user has to do something; everything else passes by itself. */
  readonly needsAction: boolean;
}

export function statusView(
  status: Status,
  context: { serverUrl: string; language?: string },
  t: Translate,
): StatusView {
  const { serverUrl, language } = context;
  switch (status.kind) {
    case 'ready':
      return view('sparkle', '', t('ready'), t('Suggestions come from {0}.', serverUrl));
    case 'thinking':
      return view('loading~spin', '', t('thinking'), t('Waiting for {0}.', serverUrl));
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
      switch (status.why) {
        case 'paused':
          return view('debug-pause', t('paused'), t('paused'), t('Suggestions are paused in every window.'));
        case 'language':
          return view(
            'circle-slash',
            '',
            t('off for {0}', language ?? ''),
            t('Suggestions are off for {0} (setting ghostline.enable).', language ?? ''),
          );
        case 'excluded':
          return view(
            'circle-slash',
            '',
            t('off, file excluded'),
            t('The text of this file never leaves the editor: excluded by ghostline.exclude or as a file of secrets.'),
          );
        case 'document':
          return view('circle-slash', '', t('off here'), t('No suggestions in this kind of document.'));
      }
  }
}

function view(icon: string, suffix: string, state: string, detail: string): StatusView {
  return {
    text: suffix === '' ? `$(${icon}) Ghostline` : `$(${icon}) Ghostline: ${suffix}`,
    label: `Ghostline: ${state}`,
    detail,
    needsAction: false,
  };
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
