/** The only reader and writer of VS Code's configuration. */
import type { LocalMode } from '@ghostline/client';
import type { Multiline } from '@ghostline/protocol';
import * as vscode from 'vscode';
import { enableMap, fixedDelay, globs, localMode, multilineMode, serverUrl } from './setting-values.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:4700';

const section = (scope?: vscode.ConfigurationScope) => vscode.workspace.getConfiguration('ghostline', scope);

/** Read at each use: VS Code keeps the values in memory, and a copy would be one more thing to keep current. */
export const settings = {
  serverUrl: (): string => serverUrl(section().get('serverUrl'), DEFAULT_SERVER),
  paused: (): boolean => section().get('paused') === true,
  multiline: (): Multiline => multilineMode(section().get('multiline')),
  delayMs: (): number | undefined => fixedDelay(section().get('delay')),
  local: (): LocalMode => localMode(section().get('local')),
  exclude: (): string[] => globs(section().get('exclude')),
  telemetry: (): boolean => section().get('telemetry.enabled') !== false,
  enable: (scope: vscode.ConfigurationScope): Record<string, boolean> => enableMap(section(scope).get('enable')),

  setPaused: (paused: boolean): Thenable<void> => section().update('paused', paused, vscode.ConfigurationTarget.Global),
  setLanguage(language: string, on: boolean): Thenable<void> {
    const mine = enableMap(section().inspect('enable')?.globalValue);
    return section().update('enable', { ...mine, [language]: on }, vscode.ConfigurationTarget.Global);
  },

  /** Without it VS Code never asks any provider. */
  inlineSuggest: (scope: vscode.ConfigurationScope): boolean =>
    vscode.workspace.getConfiguration('editor', scope).get('inlineSuggest.enabled') !== false,
  enableInlineSuggest: (): Thenable<void> =>
    vscode.workspace
      .getConfiguration('editor')
      .update('inlineSuggest.enabled', true, vscode.ConfigurationTarget.Global),
} as const;

export type SettingName = 'serverUrl' | 'enable' | 'exclude' | 'paused' | 'multiline' | 'delay' | 'local' | 'telemetry';

/** Calls `listener` when one of `names` may have changed. */
export function onSettingChange(names: readonly SettingName[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`ghostline.${name}`))) listener();
  });
}
