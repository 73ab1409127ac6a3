import type { ClientState, CompletionClient } from '@ghostline/client';
import * as vscode from 'vscode';
import { createCalmState } from './calm-state.ts';
import type { Enablement } from './enablement.ts';
import { type Latency, isFromServer, latencyOf } from './latency.ts';
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
  /** What it would say of a document; undefined where suggestions are on. */
  offDetail(document: vscode.TextDocument): string | undefined;
  /** Looks again, for what announces nothing by itself. */
  update(): void;
}

export interface StatusBarOptions {
  readonly client: Pick<CompletionClient, 'state' | 'onStateChange' | 'keystrokes' | 'onKeystroke'>;
  readonly enablementIn: (document: vscode.TextDocument) => Enablement;
  /** Told whenever something may be to tell. */
  readonly onUpdate: (status: Status) => void;
}

/** The item in the status bar, kept true. */
export function createStatusBar({ client, enablementIn, onUpdate }: StatusBarOptions): StatusBar {
  const { t } = vscode.l10n;
  const item = vscode.window.createStatusBarItem('ghostline.status', vscode.StatusBarAlignment.Right);
  item.name = t('Ghostline status');
  item.command = 'ghostline.showStatus';
  let clock: Intl.DateTimeFormat | undefined;
  const timeOf = (at: number): string => {
    // The first one of a process reads the data of its locale, which takes 17 ms; few ever need it.
    clock ??= new Intl.DateTimeFormat(vscode.env.language, { hour: '2-digit', minute: '2-digit' });
    return clock.format(at);
  };
  let state: ClientState = client.state();
  let latency: Latency | undefined;

  function statusIn(document: vscode.TextDocument | undefined): CurrentStatus {
    const language = document?.languageId;
    const status = statusOf(state, document && enablementIn(document));
    const context = {
      serverUrl: settings.serverUrl(),
      pace: settings.pace(),
      onDemand: settings.onDemand(),
      timeOf,
      ...(language !== undefined && { language }),
      ...(latency && { latency }),
    };
    return { status, view: statusView(status, context, t), language };
  }
  const current = () => statusIn(vscode.window.activeTextEditor?.document);

  function update() {
    const { status, view } = current();
    const facts = view.facts.map(([word, value]) => `${word}: ${value}`);
    item.text = view.text;
    item.tooltip = tooltip(view, facts);
    item.accessibilityInformation = {
      label: [`${view.label}.`, view.detail, ...facts.map((fact) => `${fact}.`)].join(' '),
    };
    item.backgroundColor = view.needsAction ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
    onUpdate(status);
  }

  function tooltip({ label, detail }: StatusView, facts: readonly string[]): vscode.MarkdownString {
    const links = [
      [t('Why?'), 'ghostline.why'],
      [t('Preview what is sent'), 'ghostline.preview'],
      [t('Pace…'), 'ghostline.pace'],
    ] as const;
    const text = new vscode.MarkdownString();
    text.isTrusted = { enabledCommands: links.map(([, command]) => command) };
    text.appendMarkdown('**').appendText(label).appendMarkdown('**\n\n').appendText(detail);
    for (const fact of facts) text.appendMarkdown('\n\n').appendText(fact);
    return text.appendMarkdown(`\n\n${links.map(([word, command]) => `[${word}](command:${command})`).join(' · ')}`);
  }

  const calm = createCalmState((next) => {
    state = next;
    update();
  });
  const stopMeasuring = client.onKeystroke(() => {
    const keystrokes = client.keystrokes();
    // Few of them are.
    if (!keystrokes[0] || !isFromServer(keystrokes[0])) return;
    latency = latencyOf(keystrokes);
    update();
  });
  const subscriptions = vscode.Disposable.from(
    { dispose: client.onStateChange(calm.next) },
    { dispose: stopMeasuring },
    calm,
    vscode.window.onDidChangeActiveTextEditor(update),
    // A document that changes its language closes and opens again.
    vscode.workspace.onDidOpenTextDocument(update),
    vscode.workspace.onDidChangeConfiguration(update),
    item,
  );
  return {
    current,
    offDetail(document) {
      const { status, view } = statusIn(document);
      return status.kind === 'off' ? view.detail : undefined;
    },
    update,
    dispose: () => void subscriptions.dispose(),
  };
}
