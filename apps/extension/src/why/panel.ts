import type { CompletionClient } from '@ghostline/client';
import * as vscode from 'vscode';
import type { FromPage, ToPage } from './messages.ts';
import { pageOf } from './page.ts';

export interface WhyPanelOptions {
  readonly client: Pick<CompletionClient, 'keystrokes' | 'onKeystroke'>;
  readonly extensionUri: vscode.Uri;
  readonly version: string;
}

export interface WhyPanel extends vscode.Disposable {
  /** Opens the inspector beside the code, or brings it to the front. */
  show(): void;
  /** How many keystrokes the page was last sent; undefined while there is no page that shows them. */
  shownKeystrokes(): number | undefined;
}

/** A reader sees no more than a few a second, and each is a copy of all that there are. */
const UPDATE_EVERY_MS = 100;

/** The inspector: why this suggestion, or why none? The page is sent everything anew whenever it comes into sight. */
export function createWhyPanel({ client, extensionUri, version }: WhyPanelOptions): WhyPanel {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'why');
  const { t } = vscode.l10n;
  let panel: vscode.WebviewPanel | undefined;
  let isPageReady = false;
  let sent: number | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const post = (message: ToPage) => void panel?.webview.postMessage(message);

  function send(): void {
    clearTimeout(waiting);
    waiting = undefined;
    if (!panel?.visible || !isPageReady) return;
    const keystrokes = client.keystrokes();
    sent = keystrokes.length;
    post({ kind: 'keystrokes', keystrokes });
  }

  function open(): vscode.WebviewPanel {
    const title = t('Ghostline: Why?');
    const opened = vscode.window.createWebviewPanel(
      'ghostline.why',
      title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [folder] },
    );
    const { webview } = opened;
    const uriOf = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    webview.onDidReceiveMessage((message: FromPage) => void heard(message));
    // Out of sight its page is gone; in sight again it is loaded anew, and says that it is ready.
    opened.onDidChangeViewState(() => (opened.visible ? send() : (isPageReady = false)));
    opened.onDidDispose(() => {
      panel = undefined;
      sent = undefined;
      isPageReady = false;
    });
    webview.html = pageOf({
      script: uriOf('page.js'),
      style: uriOf('style.css'),
      source: webview.cspSource,
      nonce: nonce(),
      language: vscode.env.language,
      title,
    });
    return opened;
  }

  async function heard(message: FromPage): Promise<void> {
    switch (message.kind) {
      case 'ready':
        isPageReady = true;
        post({ kind: 'start', locale: vscode.env.language, bundle: vscode.l10n.bundle, version });
        send();
        return;
      case 'copy':
        await vscode.env.clipboard.writeText(message.report);
        return;
      case 'save':
        await save(message.fileName, message.report);
        return;
      case 'open-setting':
        await vscode.commands.executeCommand('workbench.action.openSettings', message.setting);
    }
  }

  async function save(fileName: string, report: string): Promise<void> {
    const folderUri = vscode.workspace.workspaceFolders?.[0]?.uri;
    const uri = await vscode.window.showSaveDialog({
      ...(folderUri && { defaultUri: vscode.Uri.joinPath(folderUri, fileName) }),
      filters: { JSON: ['json'] },
      title: t('Save the report, without code and file names'),
    });
    if (!uri) return;
    try {
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${report}\n`));
    } catch (error) {
      void vscode.window.showErrorMessage(t('The report could not be saved: {0}', String(error)));
    }
  }

  const stopFollowing = client.onKeystroke(() => {
    if (panel?.visible) waiting ??= setTimeout(send, UPDATE_EVERY_MS);
  });

  return {
    show() {
      if (panel) panel.reveal(undefined, true);
      else panel = open();
    },
    shownKeystrokes: () => (isPageReady && panel?.visible ? sent : undefined),
    dispose() {
      clearTimeout(waiting);
      stopFollowing();
      panel?.dispose();
    },
  };
}

function nonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
