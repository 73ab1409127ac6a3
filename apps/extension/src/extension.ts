/** Builds everything and wires it: keystroke → client → ghost text → what became of it → outbox. */
import {
  type ClientSettings,
  type ClientState,
  type Keystroke,
  createCompletionClient,
  createHttpTransport,
  createOutbox,
  createRegionalTransport,
} from '@ghostline/client';
import { explain } from '@ghostline/inspector';
import * as vscode from 'vscode';
import { registerCommands } from './commands.ts';
import { createDefinitions } from './context/definitions.ts';
import { trackViewedRanges } from './context/viewed-ranges.ts';
import { watchWorkspaceIgnores } from './context/workspace-ignores.ts';
import { createDiskOutboxStore } from './disk-outbox-store.ts';
import { pathOf } from './document-snapshot.ts';
import { createEditorQuery } from './editor-query.ts';
import { type Enablement, enablementOf } from './enablement.ts';
import { findServer } from './first-run/find-server.ts';
import { firstRun } from './first-run/first-run.ts';
import { folderAt } from './folder.ts';
import { openGrammars } from './grammars/open-grammars.ts';
import { registerInlineCompletions } from './inline-completion-provider.ts';
import { createLastChanges } from './last-change.ts';
import { isFromServer } from './latency.ts';
import { createLocalModel } from './local-model/local-model.ts';
import { createStateLog, outcomeLine } from './log-lines.ts';
import { createMilestones } from './milestones.ts';
import { createHostFetch } from './network/host-fetch.ts';
import { createNotices } from './notices.ts';
import { trackOpenDocuments } from './open-documents.ts';
import { createPause } from './pause.ts';
import { createPreview } from './preview/preview-document.ts';
import { followOpenTexts } from './retention/open-texts.ts';
import { activeRivals } from './rivals.ts';
import { onSettingChange, settings } from './settings.ts';
import { showNotice } from './show-notice.ts';
import { createStatusBar } from './status-bar.ts';
import { type ConsentSource, createConsentedOutbox } from './telemetry-consent.ts';
import { createThisFile } from './this-file.ts';
import { createTokenStore } from './token-store.ts';
import { isServerRestricted } from './untrusted-server.ts';
import { followEditor } from './view-events.ts';
import { createVisibleView } from './visible-view.ts';
import { createWhyPanel } from './why/panel.ts';
import { workerStarter } from '#workers';

/** What `activate` gives to tests and to other extensions (`vscode.extensions.getExtension('ghostline.ghostline')`). */
export interface GhostlineApi {
  state(): ClientState;
  /** Tries to send what is waiting; resolves when that is done or has failed. */
  flushOutbox(): Promise<void>;
  /** What the last hundred questions came to, newest first. */
  keystrokes(): readonly Keystroke[];
  /** How many of them the inspector was last sent; undefined while it is not on screen. */
  inspected(): number | undefined;
}

let shutDown: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): GhostlineApi {
  const log = vscode.window.createOutputChannel('Ghostline', { log: true });

  const tokens = createTokenStore(context.secrets, () => {
    notices.tokenChanged();
    startAnew();
  });
  const hostFetch = createHostFetch({ proxySupport: settings.proxySupport });
  log.info(hostFetch.describe());
  const transport = createRegionalTransport({
    home: settings.serverUrl,
    follow: settings.followRegions,
    transportTo: (url) =>
      createHttpTransport({
        fetch: hostFetch.fetch,
        serverUrl: () => url,
        token: () => tokens.get(settings.serverUrl()),
      }),
    onRefused: (line) => log.warn(line),
  });
  const syntax = openGrammars(context.extensionUri, (line) => log.warn(line));

  const store = createDiskOutboxStore(folderAt(vscode.Uri.joinPath(context.globalStorageUri, 'outbox')));
  const consent: ConsentSource[] = [
    {
      allows: () => vscode.env.isTelemetryEnabled,
      onDidChange: (listener) => vscode.env.onDidChangeTelemetryEnabled(listener),
    },
    { allows: settings.telemetry, onDidChange: (listener) => onSettingChange(['telemetry'], listener) },
  ];
  const mayMeasure = () => consent.every((source) => source.allows());
  const outbox = createConsentedOutbox({
    sources: consent,
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

  const version = String(context.extension.packageJSON.version);
  // The folder VS Code keeps for this workspace is named by a hash of it, which tells nobody where it is.
  const workspaceId = context.storageUri?.path.split('/').at(-2);
  const localModel = createLocalModel({
    startWorker: workerStarter(context.extensionUri, (reason) =>
      log.info(`the local model runs without a worker: ${String(reason)}`),
    ),
    onTrouble: (error) => log.warn(`the local model: ${error.message}`),
  });
  const ignores = watchWorkspaceIgnores();
  const openTexts = followOpenTexts();
  // Asked for at every keystroke, and for every open file at that.
  let exclude = settings.exclude();
  const client = createCompletionClient({
    transport,
    syntax,
    localModel,
    isIgnored: ignores.isIgnored,
    textOf: openTexts.textOf,
    unresolvedIn: openTexts.unresolvedIn,
    mayMeasure,
    record: outbox.record,
    settings: () => clientSettings(exclude),
    clientInfo: { name: 'vscode', version: vscode.version, extension_version: version },
    ...(workspaceId !== undefined && { workspaceId }),
  });

  const pause = createPause({
    memory: context.workspaceState,
    pausedEverywhere: settings.paused,
    onChange: () => statusBar.update(),
  });
  function enablementIn(document: vscode.TextDocument): Enablement {
    return enablementOf({
      pause: pause.current(),
      enable: settings.enable(document),
      language: document.languageId,
      scheme: document.uri.scheme,
      workspaceSchemes: vscode.workspace.workspaceFolders?.map(({ uri }) => uri.scheme) ?? [],
      isExcluded: client.isExcluded(pathOf(document)),
      isIgnored: ignores.ignoredBy(document.uri) !== undefined,
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
  /** What may leave the editor is another than before. */
  function excludeAnew(): void {
    exclude = settings.exclude();
    definitions.clear();
    client.reset();
    // A reset forgets a look at the server that is under way.
    client.check();
    statusBar.update();
  }

  const milestones = createMilestones({ memory: context.globalState, setContext });
  const notices = createNotices((notice) => void showNotice(notice), context.globalState);
  let serverIsRestricted = false;
  const statusBar = createStatusBar({
    client,
    enablementIn,
    onUpdate(status) {
      const document = vscode.window.activeTextEditor?.document;
      notices.consider({
        status,
        inlineSuggest: !document || settings.inlineSuggest(document),
        serverIsRestricted,
        rivals: () =>
          activeRivals(vscode.extensions.all, (setting) => vscode.workspace.getConfiguration().get(setting)),
      });
    },
  });
  let toldVisible = false;
  const view = createVisibleView((isVisible) => {
    // After the answer that brings the text on screen, which would otherwise wait while the window looks at all that hangs
    // on this; and only if it still is another than it was.
    setTimeout(() => {
      const nowVisible = view.current() !== undefined;
      if (nowVisible !== toldVisible) setContext('ghostline.isVisible', nowVisible);
      toldVisible = nowVisible;
    });
    if (isVisible) milestones.reached('hasSuggested');
  });
  const measurement = { available: false };
  const lastChanges = createLastChanges<vscode.TextDocument>();
  const openDocuments = trackOpenDocuments(isOn);
  const viewedRanges = trackViewedRanges({ mayLeave: isOn, textOf: openDocuments.textOf });
  const definitions = createDefinitions({
    mayLeave: isOn,
    mayShow: (uri, path) => !client.isExcluded(path) && !ignores.isIgnored(uri.toString(), 'signature'),
    textOf: openDocuments.textOf,
  });
  const ask = createEditorQuery({
    enablementIn,
    onDemand: settings.onDemand,
    lastChanges,
    openDocuments,
    viewedRanges,
    definitions,
  });
  const suggesting = registerInlineCompletions({
    client,
    view,
    measurement,
    ask,
    onOutcome: (outcome) => log.debug(outcomeLine(outcome)),
  });
  const why = createWhyPanel({ client, extensionUri: context.extensionUri, version });
  const preview = createPreview({ client, ask, offDetail: statusBar.offDetail });
  const stateLog = createStateLog();
  const stopLogging = client.onStateChange((state) => {
    const line = stateLog.next(state);
    if (line !== undefined) log.info(line);
  });
  const noteConnection = client.onKeystroke(() => {
    const [newest] = client.keystrokes();
    if (newest && isFromServer(newest)) milestones.reached('isConnected');
  });
  const ending = new AbortController();

  context.subscriptions.push(
    log,
    tokens,
    pause,
    statusBar,
    ignores,
    openTexts,
    ...consent.map(({ onDidChange }) => onDidChange(() => mayMeasure() || client.forgetTexts())),
    openDocuments,
    viewedRanges,
    hostFetch,
    syntax,
    transport,
    suggesting,
    why,
    preview,
    { dispose: stopLogging },
    { dispose: noteConnection },
    { dispose: transport.onRegionChange(({ name, url }) => log.info(`region: ${name ?? 'unnamed'} at ${url}`)) },
    { dispose: () => clearTimeout(beginning) },
    { dispose: () => ending.abort() },
    followEditor(client, view, lastChanges, isOn),
    onSettingChange(['serverUrl'], startAnew),
    onSettingChange(['exclude'], excludeAnew),
    // Each document is looked at anew for every request; what was answered before cannot leave any more than it has.
    ignores.onDidChange(statusBar.update),
    vscode.workspace.onDidChangeWorkspaceFolders(excludeAnew),
    // What the workspace sets counts from now on.
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      serverIsRestricted = false;
      excludeAnew();
      startAnew();
    }),
    onSettingChange(CLIENT_SETTINGS, () => {
      const { kind } = client.state();
      client.reset();
      if (kind === 'offline' || kind === 'local') client.check();
    }),
    registerCommands({
      tokens,
      log,
      pause,
      thisFile: createThisFile(pathOf),
      currentStatus: statusBar.current,
      latest() {
        const [newest] = client.keystrokes();
        return newest && explain(newest, { t: vscode.l10n.t }).title;
      },
      showWhy: why.show,
      showPreview: preview.show,
      onWalkthrough: milestones.tellAgain,
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
    await store.close();
  };
  // Activation counts against every start of the editor, and the first keystroke needs nothing of this.
  const beginning = setTimeout(() => {
    statusBar.update();
    client.check();
    void firstRun(
      {
        milestones,
        serverUrl: settings.serverUrl,
        isServerChosen: settings.isServerChosen,
        // In a browser without a remote, loopback is the visitor's own machine, which a page has to ask for.
        canLook: vscode.env.uiKind === vscode.UIKind.Desktop || vscode.env.remoteName !== undefined,
        find: findServer,
        check: transport.check,
        onFound: notices.found,
      },
      ending.signal,
    );
    void (async () => {
      serverIsRestricted = await isServerRestricted();
      if (serverIsRestricted) statusBar.update();
    })();
  });
  return {
    state: client.state,
    flushOutbox: outbox.flush,
    keystrokes: client.keystrokes,
    inspected: why.shownKeystrokes,
  };
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}

/** VS Code waits for it, a few seconds at most: time to write down what was recorded last. */
export async function deactivate(): Promise<void> {
  await shutDown?.();
}

/** A change of one of these makes what is known void. */
const CLIENT_SETTINGS = [
  'enable',
  'pace',
  'delay',
  'suggestAfterDeletion',
  'suggestInProse',
  'speculate',
  'multiline',
  'candidates',
  'local',
] as const;

function clientSettings(exclude: readonly string[]): ClientSettings {
  const delayMs = settings.delayMs();
  return {
    pace: settings.pace(),
    afterDeletion: settings.afterDeletion(),
    prose: settings.prose(),
    ahead: settings.ahead(),
    multiline: settings.multiline(),
    maxCandidates: settings.candidates(),
    local: settings.local(),
    exclude,
    ...(delayMs !== undefined && { delayMs }),
  };
}
