/** Runs in a web worker, as the extension host of a browser does, and starts the local model as the extension does there. */
import type { LocalModel } from '@ghostline/client';
import { firstOf, inPlaceStarter } from '../../../apps/extension/src/local-model/in-place.ts';
import { createLocalModel } from '../../../apps/extension/src/local-model/local-model.ts';
import { webWorkerStarter } from '../../../apps/extension/src/local-model/web-worker.ts';

type Request = Parameters<LocalModel['complete']>[0];
type Candidates = Awaited<ReturnType<LocalModel['complete']>>;

export interface Report {
  readonly answers: readonly Candidates[];
  /** Why there was no worker, where there was none. */
  readonly fallbacks: readonly string[];
}

async function answer(script: string, requests: readonly Request[]): Promise<Report> {
  const fallbacks: string[] = [];
  const read = async () => new Uint8Array(await (await fetch(script)).arrayBuffer());
  const model = createLocalModel({
    startWorker: firstOf(webWorkerStarter(read), inPlaceStarter(), (reason) => fallbacks.push(String(reason))),
  });
  const answers: Candidates[] = [];
  for (const request of requests) answers.push(await model.complete(request, new AbortController().signal));
  model.dispose();
  return { answers, fallbacks };
}

const post: (report: Report | { readonly error: string }) => void = globalThis.postMessage;
globalThis.addEventListener('message', ({ data }) => {
  answer(data.script, data.requests).then(post, (error: unknown) => post({ error: String(error) }));
});
