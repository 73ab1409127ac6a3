import { existsSync } from 'node:fs';
import type { Settings } from './config.ts';

/** What a start prints: where everything is, and how to go on. */
export function welcome(
  settings: Settings,
  { url, version, vsix }: { url: string; version: string; vsix: string },
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
    ['Config', settings.configFile ?? 'none: everything embedded, no authentication, loopback only'],
  ];
  const models = settings.models.map(({ name }) => name).join(', ');
  return `\nGhostline ${version} is running: region ${settings.region}, model ${models}\n\n${rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`).join('\n')}\n\n  Ctrl+C stops it.\n\n`;
}
