import * as vscode from 'vscode';
import { ACCEPTED_COMMAND } from './inline-completion-provider.ts';
import { settings } from './settings.ts';
import { menuItems } from './status-menu.ts';
import type { CurrentStatus } from './status-bar.ts';
import type { TokenStore } from './token-store.ts';

export interface CommandContext {
  readonly tokens: TokenStore;
  readonly log: Pick<vscode.LogOutputChannel, 'show'>;
  readonly currentStatus: () => CurrentStatus;
  readonly onAccepted: (viewId: string) => void;
  readonly onDismissed: () => void;
}

export function registerCommands(context: CommandContext): vscode.Disposable {
  const { tokens, log, currentStatus, onAccepted, onDismissed } = context;
  const { t } = vscode.l10n;
  const commands: Record<string, (...args: never[]) => unknown> = {
    'ghostline.trigger': () => vscode.commands.executeCommand('editor.action.inlineSuggest.trigger'),

    // Escape hides the suggestion itself before it runs this, so that it works even when extensions are slow; by itself,
    // for a key binding of the user's own, the command has to hide it too.
    'ghostline.dismiss': () => {
      onDismissed();
      return vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    },

    'ghostline.toggle': () => settings.setPaused(!settings.paused()),

    'ghostline.internal.setLanguage': (language: string, on: boolean) => settings.setLanguage(language, on),

    [ACCEPTED_COMMAND]: (viewId: string) => onAccepted(viewId),

    'ghostline.setToken': async () => {
      const serverUrl = settings.serverUrl();
      const token = await vscode.window.showInputBox({
        title: t('Access token for {0}', serverUrl),
        prompt: t('Kept in the secret storage of the editor and sent to this server only.'),
        password: true,
        ignoreFocusOut: true,
      });
      if (token?.trim()) await tokens.set(serverUrl, token.trim());
    },

    'ghostline.clearToken': () => tokens.clear(settings.serverUrl()),

    'ghostline.openDashboard': () => open('/admin/'),
    'ghostline.openPlayground': () => open('/playground/'),
    'ghostline.showLog': () => log.show(),

    'ghostline.showStatus': async () => {
      const { status, view, language } = currentStatus();
      const serverUrl = settings.serverUrl();
      const hasToken = (await tokens.get(serverUrl)) !== undefined;
      const items = menuItems(status, { serverUrl, hasToken, ...(language !== undefined && { language }) }, t);
      const chosen = await vscode.window.showQuickPick(items, { title: view.label, placeHolder: view.detail });
      if (chosen) await vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run)),
  );
}

/** A page of the server in the browser; through a forwarded port where this runs in a remote. */
async function open(path: string): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse(settings.serverUrl() + path));
}
