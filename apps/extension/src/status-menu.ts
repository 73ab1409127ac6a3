import type { Pace } from '@ghostline/client';
import type { Pause } from './pause.ts';
import { type Status, type Translate, paceName } from './status.ts';

/** A line of a menu, or the heading of those that follow. */
export type MenuItem =
  | { readonly kind: 'heading'; readonly label: string }
  | {
      readonly kind: 'action';
      readonly label: string;
      readonly description?: string;
      readonly command: string;
      readonly arguments?: readonly unknown[];
    };

export interface MenuContext {
  readonly serverUrl: string;
  readonly hasToken: boolean;
  /** Of the document at hand. */
  readonly language?: string;
  /** Name of the file at hand, if files can be listed for it; whether `ghostline.exclude` lists just this file. */
  readonly file?: { readonly name: string; readonly isListed: boolean };
  readonly pace: Pace;
  readonly onDemand: boolean;
  /** What became of the latest keystroke, in a few words. */
  readonly latest?: string;
}

type Action = Extract<MenuItem, { kind: 'action' }>;
type Extras = Pick<Action, 'description' | 'arguments'>;

/** The actions that make sense now, in groups; the one that mends the state first. */
export function menuItems(status: Status, context: MenuContext, t: Translate): MenuItem[] {
  const { serverUrl, hasToken, latest } = context;
  const unauthenticated = status.kind === 'offline' && status.failure.reason === 'unauthenticated';
  const setToken = action(t('$(key) Set access token…'), 'ghostline.setToken', {
    description: hasToken ? t('replaces the one for {0}', serverUrl) : serverUrl,
  });
  return [
    ...(unauthenticated ? [setToken] : []),
    ...group(
      t('Suggestions'),
      action(
        t('$(question) Why this suggestion / why none?'),
        'ghostline.why',
        latest === undefined ? {} : { description: latest },
      ),
      action(t('$(eye) Preview what is sent'), 'ghostline.preview'),
      status.kind === 'local' &&
        action(t('$(device-desktop) Choose when to suggest locally'), 'workbench.action.openSettings', {
          arguments: ['ghostline.local'],
        }),
    ),
    ...group(t('When'), ...whenActions(status, context, t)),
    ...group(
      t('Server'),
      !unauthenticated && setToken,
      hasToken && action(t('$(trash) Forget access token'), 'ghostline.clearToken', { description: serverUrl }),
      action(t('$(graph) Open dashboard'), 'ghostline.openDashboard'),
      action(t('$(beaker) Open playground'), 'ghostline.openPlayground'),
    ),
    ...group(
      t('More'),
      action(t('$(gear) Settings'), 'workbench.action.openSettings', {
        arguments: ['@ext:ghostline.ghostline'],
      }),
      action(t('$(book) Get started'), 'ghostline.openWalkthrough'),
      action(t('$(output) Show log'), 'ghostline.showLog'),
    ),
  ];
}

function whenActions(status: Status, context: MenuContext, t: Translate): (Action | false)[] {
  const { language, file, pace, onDemand } = context;
  if (status.kind === 'off' && status.why === 'paused')
    return [action(t('$(play) Resume suggestions'), 'ghostline.resume')];
  const languageOff = status.kind === 'off' && status.why === 'language';
  return [
    action(t('$(debug-pause) Pause suggestions…'), 'ghostline.pause'),
    action(t('$(dashboard) Pace…'), 'ghostline.pace', {
      description: onDemand ? t('on demand only') : paceName(pace, t),
    }),
    language !== undefined &&
      (languageOff
        ? action(t('$(check) Turn on for {0}', language), 'ghostline.internal.setLanguage', {
            arguments: [language, true],
          })
        : action(t('$(circle-slash) Turn off for {0}', language), 'ghostline.internal.setLanguage', {
            arguments: [language, false],
          })),
    file !== undefined &&
      (file.isListed
        ? action(t('$(check) Turn on for {0}', file.name), 'ghostline.internal.setFile', { arguments: [true] })
        : (status.kind !== 'off' || languageOff) &&
          action(t('$(circle-slash) Turn off for {0}', file.name), 'ghostline.internal.setFile', {
            description: t('its text then stays in the editor'),
            arguments: [false],
          })),
  ];
}

/** For how long to pause. */
export function pauseItems(t: Translate): MenuItem[] {
  return [
    ...group(
      t('This window'),
      ...[5, 30, 60].map((minutes) => pauseItem(t('For {0} minutes', minutes), { kind: 'minutes', minutes })),
      pauseItem(t('Until it restarts'), { kind: 'until-restart' }),
    ),
    ...group(t('Every window'), pauseItem(t('Until you resume'), { kind: 'everywhere' })),
  ];
}

function pauseItem(label: string, choice: PauseChoice): Action {
  return action(label, 'ghostline.internal.pause', { arguments: [choice] });
}

export type PauseChoice =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: Exclude<Pause['kind'], 'none' | 'until'> };

/** How soon to ask. */
export function paceItems(current: Pace | 'on-demand', t: Translate): MenuItem[] {
  const item = (choice: Pace | 'on-demand', label: string, description: string) =>
    action(choice === current ? `$(check) ${label}` : label, 'ghostline.internal.setPace', {
      description,
      arguments: [choice],
    });
  return [
    item('calm', paceName('calm', t), t('waits for a pause in typing; the fewest requests')),
    item('balanced', paceName('balanced', t), t('follows the rhythm of your typing')),
    item('eager', paceName('eager', t), t('asks at nearly every key; the most requests')),
    item('on-demand', t('on demand only'), t('asks when you press Alt+\\')),
  ];
}

function group(heading: string, ...actions: readonly (Action | false)[]): MenuItem[] {
  const there = actions.filter((entry) => entry !== false);
  return there.length === 0 ? [] : [{ kind: 'heading', label: heading }, ...there];
}

function action(label: string, command: string, extras: Extras = {}): Action {
  return { kind: 'action', label, command, ...extras };
}
