import type { Pace } from '@ghostline/client';
import * as vscode from 'vscode';
import { ACCEPTED_COMMAND } from './inline-completion-provider.ts';
import type { PauseControl } from './pause.ts';
import { settings } from './settings.ts';
import type { CurrentStatus } from './status-bar.ts';
import { type MenuItem, type PauseChoice, menuItems, paceItems, pauseItems } from './status-menu.ts';
import type { ThisFile } from './this-file.ts';
import type { TokenStore } from './token-store.ts';

export interface CommandContext {
  readonly tokens: TokenStore;
  readonly log: Pick<vscode.LogOutputChannel, 'show'>;
  readonly pause: PauseControl;
  readonly thisFile: ThisFile;
  readonly currentStatus: () => CurrentStatus;
  /** What became of the latest keystroke, in a few words. */
  readonly latest: () => string | undefined;
  readonly showWhy: () => void;
  readonly showPreview: () => Promise<void>;
  /** The walkthrough is on screen. */
  readonly onWalkthrough: () => void;
  readonly onAccepted: (viewId: string) => void;
  readonly onDismissed: () => void;
}

const WALKTHROUGH = 'ghostline.ghostline#start';

export function registerCommands(context: CommandContext): vscode.Disposable {
  const { tokens, log, pause, thisFile, currentStatus } = context;
  const { t } = vscode.l10n;
  const commands: Record<string, (...args: never[]) => unknown> = {
    'ghostline.trigger': () => vscode.commands.executeCommand('editor.action.inlineSuggest.trigger'),

    // Escape hides the suggestion itself before it runs this, so that it works even when extensions are slow; by itself,
    // for a key binding of the user's own, the command has to hide it too.
    'ghostline.dismiss': () => {
      context.onDismissed();
      return hideSuggestion();
    },

    'ghostline.why': () => context.showWhy(),
    'ghostline.preview': () => context.showPreview(),

    'ghostline.toggle': () => (pause.current().kind === 'none' ? pauseNow({ kind: 'everywhere' }) : resume()),
    'ghostline.pause': () => choose(pauseItems(t), { title: t('Pause Ghostline') }),
    'ghostline.resume': resume,
    'ghostline.internal.pause': pauseNow,

    'ghostline.pace': () =>
      choose(paceItems(settings.onDemand() ? 'on-demand' : settings.pace(), t), {
        title: t('How soon Ghostline suggests'),
      }),
    'ghostline.internal.setPace': setPace,

    'ghostline.internal.setLanguage': (language: string, on: boolean) => settings.setLanguage(language, on),
    'ghostline.internal.setFile': (on: boolean) => thisFile.set(on),

    [ACCEPTED_COMMAND]: (viewId: string) => context.onAccepted(viewId),

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
    'ghostline.openWalkthrough': async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
      context.onWalkthrough();
    },
    'ghostline.showLog': () => log.show(),

    'ghostline.showStatus': async () => {
      const { status, view, language } = currentStatus();
      const serverUrl = settings.serverUrl();
      const hasToken = (await tokens.get(serverUrl)) !== undefined;
      const file = thisFile.current();
      const latest = context.latest();
      const items = menuItems(
        status,
        {
          serverUrl,
          hasToken,
          pace: settings.pace(),
          onDemand: settings.onDemand(),
          ...(language !== undefined && { language }),
          ...(file && { file }),
          ...(latest !== undefined && { latest }),
        },
        t,
      );
      await choose(items, { title: view.label, placeHolder: view.detail });
    },
  };

  async function pauseNow(choice: PauseChoice): Promise<void> {
    if (choice.kind === 'everywhere') await settings.setPaused(true);
    else if (choice.kind === 'minutes') pause.forMinutes(choice.minutes);
    else pause.untilRestart();
    context.onDismissed();
    await hideSuggestion();
  }

  async function resume(): Promise<void> {
    pause.resume();
    if (settings.paused()) await settings.setPaused(false);
    // VS Code's own pause, if there is one: it asks nobody meanwhile, and tells nobody that it is on.
    await vscode.commands.executeCommand('editor.action.inlineSuggest.cancelSnooze').then(undefined, () => undefined);
  }

  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run)),
  );
}

async function setPace(choice: Pace | 'on-demand'): Promise<void> {
  const onDemand = choice === 'on-demand';
  if (onDemand !== settings.onDemand()) await settings.setOnDemand(onDemand);
  if (!onDemand) await settings.setPace(choice);
}

function hideSuggestion(): Thenable<void> {
  return vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
}

/** Lets the user pick an action, and does it. */
async function choose(items: readonly MenuItem[], options: { title: string; placeHolder?: string }): Promise<void> {
  const entries = items.map((item) => ({
    label: item.label,
    ...(item.kind === 'heading'
      ? { kind: vscode.QuickPickItemKind.Separator }
      : { item, ...(item.description !== undefined && { description: item.description }) }),
  }));
  const chosen = await vscode.window.showQuickPick(entries, options);
  if (chosen && 'item' in chosen) {
    await vscode.commands.executeCommand(chosen.item.command, ...(chosen.item.arguments ?? []));
  }
}

/** A page of the server in the browser; through a forwarded port where this runs in a remote. */
async function open(path: string): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse(settings.serverUrl() + path));
}
