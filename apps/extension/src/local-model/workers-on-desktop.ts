import * as vscode from 'vscode';
import { threadStarter } from './thread.ts';
import type { StartWorker } from './worker-port.ts';

/** `#workers` in the bundle for the extension host of Node: on the desktop and in remotes. */
export function workerStarter(extensionUri: vscode.Uri, _onFallback: (reason: unknown) => void): StartWorker {
  return threadStarter(vscode.Uri.joinPath(extensionUri, 'dist', 'local-model-worker.js').fsPath);
}
