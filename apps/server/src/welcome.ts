import { existsSync } from 'node:fs';
import type { Access } from '@ghostline/access';
import type { Settings } from './config/index.ts';

/** What a start prints: where everything is, and how to go on. */
export function welcome(
  settings: Settings,
  {
    url,
    version,
    vsix,
    access,
  }: { url: string; version: string; vsix: string; access: Pick<Access, 'required' | 'keyCount'> },
): string {
  const rows: [string, string][] = [
    ...(settings.roles.has('admin')
      ? ([
          ['Playground', `${url}/playground/`],
          ['Dashboard', `${url}/admin/`],
        ] as [string, string][])
      : []),
    ['API', `${url}/docs`],
    ...(existsSync(vsix)
      ? ([
          ['Extension', vsix],
          ['', `install it: code --install-extension ${vsix}`],
        ] as [string, string][])
      : []),
    ['Data', settings.dataDir],
    ['Config', settings.configFile ?? 'none: everything embedded, loopback only'],
    ['Access', accessOf(settings, access)],
  ];
  const models = settings.models.map(({ name }) => name).join(', ');
  return `\nGhostline ${version} is running: region ${settings.region}, model ${models}\n\n${rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`).join('\n')}\n\n  Ctrl+C stops it.\n\n`;
}

function accessOf({ auth }: Settings, access: Pick<Access, 'required' | 'keyCount'>): string {
  if (!access.required())
    return 'everyone on this machine, without a key; the first one is made by: npm run ghostline -- keys create';
  const keys = access.keyCount();
  const issuers = auth.issuers.map(({ issuer }) => issuer).join(', ');
  if (keys === 0)
    return issuers ? `tokens of ${issuers}` : 'needs a key, and there is none yet: npm run ghostline -- keys create';
  return `${keys} key${keys === 1 ? '' : 's'}${issuers && ` and tokens of ${issuers}`}`;
}
