import type { Status, Translate } from './status.ts';

/** A line of the menu behind the status bar item. */
export interface MenuItem {
  readonly label: string;
  readonly description?: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** The actions that make sense now, the one that mends the state first. */
export function menuItems(
  status: Status,
  context: { serverUrl: string; language?: string; hasToken: boolean },
  t: Translate,
): MenuItem[] {
  const { serverUrl, language, hasToken } = context;
  const paused = status.kind === 'off' && status.why === 'paused';
  const languageOff = status.kind === 'off' && status.why === 'language';
  const unauthenticated = status.kind === 'offline' && status.failure.reason === 'unauthenticated';
  const setToken: MenuItem = {
    label: t('$(key) Set access token…'),
    description: hasToken ? t('replaces the one for {0}', serverUrl) : serverUrl,
    command: 'ghostline.setToken',
  };
  const items: (MenuItem | false)[] = [
    unauthenticated && setToken,
    paused
      ? { label: t('$(play) Resume suggestions'), command: 'ghostline.toggle' }
      : { label: t('$(debug-pause) Pause suggestions everywhere'), command: 'ghostline.toggle' },
    language !== undefined &&
      !paused &&
      (languageOff
        ? {
            label: t('$(check) Turn on for {0}', language),
            command: 'ghostline.internal.setLanguage',
            arguments: [language, true],
          }
        : {
            label: t('$(circle-slash) Turn off for {0}', language),
            command: 'ghostline.internal.setLanguage',
            arguments: [language, false],
          }),
    status.kind === 'local' && {
      label: t('$(device-desktop) Choose when to suggest locally'),
      command: 'workbench.action.openSettings',
      arguments: ['ghostline.local'],
    },
    !unauthenticated && setToken,
    hasToken && { label: t('$(trash) Forget access token'), description: serverUrl, command: 'ghostline.clearToken' },
    { label: t('$(graph) Open dashboard'), command: 'ghostline.openDashboard' },
    { label: t('$(beaker) Open playground'), command: 'ghostline.openPlayground' },
    {
      label: t('$(gear) Settings'),
      command: 'workbench.action.openSettings',
      arguments: ['@ext:ghostline.ghostline'],
    },
    { label: t('$(output) Show log'), command: 'ghostline.showLog' },
  ];
  return items.filter((item) => item !== false);
}
