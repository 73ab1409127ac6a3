import type { ClientState, CompletionClient } from '@ghostline/client';
import * as vscode from 'vscode';
import { createCalmState } from './calm-state.ts';
import type { Enablement } from './enablement.ts';
import type { Notices } from './notices.ts';
import { settings } from './settings.ts';
import { type Status, type StatusView, statusOf, statusView } from './status.ts';

export interface CurrentStatus {
  readonly status: Status;
  readonly view: StatusView;
  /** Of the document at hand. */
  readonly language: string | undefined;
}

export interface StatusBar extends vscode.Disposable {
  current(): CurrentStatus;
}

/** The item in the status bar, kept true, and the one notice where the user has to do something. */
export function createStatusBar(
  client: Pick<CompletionClient, 'state' | 'onStateChange'>,
  enablementIn: (document: vscode.TextDocument) => Enablement,
  notices: Pick<Notices, 'consider'>,
): StatusBar {
  const item = vscode.window.createStatusBarItem('ghostline.status', vscode.StatusBarAlignment.Right);
  item.name = vscode.l10n.t('Ghostline status');
  item.command = 'ghostline.showStatus';
  let state: ClientState = client.state();

  function current(): CurrentStatus {
    const document = vscode.window.activeTextEditor?.document;
    const language = document?.languageId;
    const status = statusOf(state, document && enablementIn(document));
    const context = { serverUrl: settings.serverUrl(), ...(language !== undefined && { language }) };
    return { status, view: statusView(status, context, vscode.l10n.t), language };
  }

  function update() {
    const { status, view } = current();
    item.text = view.text;
    item.tooltip = `${view.label}\n${view.detail}`;
    item.accessibilityInformation = { label: `${view.label}. ${view.detail}` };
    item.backgroundColor = view.needsAction ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    const document = vscode.window.activeTextEditor?.document;
    notices.consider(status, !document || settings.inlineSuggest(document));
  }

  const calm = createCalmState((next) => {
    state = next;
    update();
  });
  const subscriptions = vscode.Disposable.from(
    { dispose: client.onStateChange(calm.next) },
    calm,
    vscode.window.onDidChangeActiveTextEditor(update),
    // A document that changes its language closes and opens again.
    vscode.workspace.onDidOpenTextDocument(update),
    vscode.workspace.onDidChangeConfiguration(update),
    item,
  );
  update();
  item.show();
  return { current, dispose: () => void subscriptions.dispose() };
}
