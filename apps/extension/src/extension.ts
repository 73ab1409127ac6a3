/** Builds everything and wires it: keystroke → client → ghost text → what became of it → outbox. */
import {
  type ClientSettings,
  type ClientState,
  createCompletionClient,
  createHttpTransport,
  createOutbox,
} from '@ghostline/client';
import { workerStarter } from '#workers';
import * as vscode from 'vscode';
import { registerCommands } from './commands.ts';
import { createDiskOutboxStore } from './disk-outbox-store.ts';
import { pathOf } from './document-snapshot.ts';
import { type Enablement, enablementOf } from './enablement.ts';
import { folderAt } from './folder.ts';
import { registerInlineCompletions } from './inline-completion-provider.ts';
import { createLocalModel } from './local-model/local-model.ts';
import { createStateLog, outcomeLine } from './log-lines.ts';
import { createNotices } from './notices.ts';
import { trackOpenDocuments } from './open-documents.ts';
import { onSettingChange, settings } from './settings.ts';
import { showNotice } from './show-notice.ts';
import { createStatusBar } from './status-bar.ts';
import { createConsentedOutbox } from './telemetry-consent.ts';
import { createTokenStore } from './token-store.ts';
import { followEditor } from './view-events.ts';
import { createVisibleView } from './visible-view.ts';

/** What `activate` gives to tests and to other extensions (`vscode.extensions.getExtension('ghostline.ghostline')`). */
export interface GhostlineApi {
  state(): ClientState;
  /** Tries to send what is waiting; resolves when that is done or has failed. */
  flushOutbox(): Promise<void>;
}

let shutDown: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): GhostlineApi {
  const log = vscode.window.createOutputChannel('Ghostline', { log: true });

  const tokens = createTokenStore(context.secrets, () => {
    notices.tokenChanged();
    startAnew();
  });
  const transport = createHttpTransport({
    serverUrl: settings.serverUrl,
    token: () => tokens.get(settings.serverUrl()),
  });

  const store = createDiskOutboxStore(folderAt(vscode.Uri.joinPath(context.globalStorageUri, 'outbox')));
  const outbox = createConsentedOutbox({
    sources: [
      {
        allows: () => vscode.env.isTelemetryEnabled,
        onDidChange: (listener) => vscode.env.onDidChangeTelemetryEnabled(listener),
      },
      { allows: settings.telemetry, onDidChange: (listener) => onSettingChange(['telemetry'], listener) },
    ],
    open: () =>
      createOutbox({
        store,
        send: transport.sendTelemetry,
        onRejected: (event, detail) => log.warn(`the server refused a ${event.type} event: ${detail}`),
        onDropped: (count) => log.warn(`${count} of the oldest events were dropped: the outbox is full`),
        onStoreError: (error) => log.warn(`the outbox on disk failed: ${String(error)}`),
      }),
    clear: store.clear,
    onError: (error) => log.warn(`the outbox could not be emptied: ${String(error)}`),
  });

  // The folder VS Code keeps for this workspace is named by a hash of it, which tells nobody where it is.
  const workspaceId = context.storageUri?.path.split('/').at(-2);
  const localModel = createLocalModel({
    startWorker: workerStarter(context.extensionUri, (reason) =>
      log.info(`the local model runs without a worker: ${String(reason)}`),
    ),
    onTrouble: (error) => log.warn(`the local model: ${error.message}`),
  });
  const client = createCompletionClient({
    transport,
    localModel,
    record: outbox.record,
    settings: clientSettings,
    clientInfo: {
      name: 'vscode',
      version: vscode.version,
      extension_version: String(context.extension.packageJSON.version),
    },
    ...(workspaceId !== undefined && { workspaceId }),
  });

  function enablementIn(document: vscode.TextDocument): Enablement {
    return enablementOf({
      paused: settings.paused(),
      enable: settings.enable(document),
      language: document.languageId,
      scheme: document.uri.scheme,
      workspaceSchemes: vscode.workspace.workspaceFolders?.map(({ uri }) => uri.scheme) ?? [],
      isExcluded: client.isExcluded(pathOf(document)),
    });
  }
  function isOn(document: vscode.TextDocument): boolean {
    return enablementIn(document).kind === 'on';
  }
  /** Another server, or another key to it: what was known of it is void, and what waits need not wait any longer. */
  function startAnew(): void {
    client.reset();
    client.check();
    void outbox.flush();
  }

  const notices = createNotices((notice) => void showNotice(notice), context.globalState);
  const statusBar = createStatusBar(client, enablementIn, notices);
  const view = createVisibleView();
  const measurement = { available: false };
  const openDocuments = trackOpenDocuments(isOn);
  const suggesting = registerInlineCompletions({
    client,
    view,
    measurement,
    isOn,
    openDocumentsBesides: openDocuments.besides,
    onOutcome: (outcome) => log.debug(outcomeLine(outcome)),
  });
  const stateLog = createStateLog();
  const stopLogging = client.onStateChange((state) => {
    const line = stateLog.next(state);
    if (line !== undefined) log.info(line);
  });

  context.subscriptions.push(
    log,
    tokens,
    statusBar,
    openDocuments,
    suggesting,
    { dispose: stopLogging },
    followEditor(client, view, isOn),
    onSettingChange(['serverUrl'], startAnew),
    onSettingChange(['enable', 'exclude', 'multiline', 'delay', 'local'], () => {
      const { kind } = client.state();
      client.reset();
      if (kind === 'offline' || kind === 'local') client.check();
    }),
    registerCommands({
      tokens,
      log,
      currentStatus: statusBar.current,
      onAccepted(viewId) {
        view.end(viewId);
        client.accepted(viewId, 'measured');
      },
      onDismissed() {
        const viewId = view.end();
        if (viewId !== undefined) client.dismissed(viewId, 'rejected', 'inferred');
      },
    }),
  );
  shutDown = async () => {
    // In this order: what is on screen ends now, and that is an event too.
    client.dispose();
    localModel.dispose();
    await outbox.dispose();
  };
  client.check();
  return { state: client.state, flushOutbox: outbox.flush };
}

/** VS Code waits for it, a few seconds at most: time to write down what was recorded last. */
export async function deactivate(): Promise<void> {
  await shutDown?.();
}

/** As GitHub Copilot offers to step through when asked by hand. */
const ALTERNATIVES = 3;

function clientSettings(): ClientSettings {
  const delayMs = settings.delayMs();
  return {
    multiline: settings.multiline(),
    exclude: settings.exclude(),
    local: settings.local(),
    maxCandidates: ALTERNATIVES,
    ...(delayMs !== undefined && { delayMs }),
  };
}
