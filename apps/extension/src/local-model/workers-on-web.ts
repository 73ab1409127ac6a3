import * as vscode from 'vscode';
import { firstOf, inPlaceStarter } from './in-place.ts';
import { webWorkerStarter } from './web-worker.ts';
import type { StartWorker } from './worker-port.ts';

/**
 * `#workers` in the bundle for the extension host of a browser, which is a worker itself: where the page's content policy
 * allows no other, the model runs in it.
 */
export function workerStarter(extensionUri: vscode.Uri, onFallback: (reason: unknown) => void): StartWorker {
  const script = vscode.Uri.joinPath(extensionUri, 'dist', 'web', 'local-model-worker.js');
  const readScript = async () => new Uint8Array(await vscode.workspace.fs.readFile(script));
  return firstOf(webWorkerStarter(readScript), inPlaceStarter(), onFallback);
}
