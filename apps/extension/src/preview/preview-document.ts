import type { CompletionClient } from '@ghostline/client';
import { explain } from '@ghostline/inspector';
import * as vscode from 'vscode';
import type { AskInEditor } from '../editor-query.ts';
import { settings } from '../settings.ts';
import { previewText } from './preview-text.ts';

const SCHEME = 'ghostline-preview';
/** One for all: a second preview takes the place of the first. Its name is that of its tab. */
const URI = vscode.Uri.from({ scheme: SCHEME, path: '/Ghostline: what is sent' });

export interface PreviewOptions {
  readonly client: Pick<CompletionClient, 'preview'>;
  readonly ask: AskInEditor;
  /** Why suggestions are off in a document, as a sentence. */
  readonly offDetail: (document: vscode.TextDocument) => string | undefined;
}

export interface Preview extends vscode.Disposable {
  /** Opens the preview for the cursor, or brings it up to date. */
  show(): Promise<void>;
}

/** A read-only document beside the code with exactly the request for the cursor. Nothing is sent for it. */
export function createPreview({ client, ask, offDetail }: PreviewOptions): Preview {
  const { t } = vscode.l10n;
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let text = '';
  let last: { document: vscode.TextDocument; position: vscode.Position } | undefined;
  let working: AbortController | undefined;
  const registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => text,
  });

  /** Of the code: while the preview itself has the focus, the place it was opened for. */
  function placeNow(): typeof last {
    const editor = vscode.window.activeTextEditor;
    if (editor && editor.document.uri.scheme !== SCHEME) {
      return { document: editor.document, position: editor.selection.active };
    }
    if (!last || last.document.isClosed) return undefined;
    return { ...last, position: last.document.validatePosition(last.position) };
  }

  async function render(signal: AbortSignal): Promise<string> {
    last = placeNow();
    const serverUrl = settings.serverUrl();
    const gateSentence = (gate: string) => sentenceFor(gate, t);
    if (!last) return previewText(undefined, { serverUrl, place: undefined, off: undefined, gateSentence }, t);
    const { document, position } = last;
    const query = ask({ document, position, trigger: 'automatic' });
    const off = offDetail(document);
    const place = { path: query.document.path, line: position.line + 1, column: position.character + 1 };
    return previewText(await client.preview(query, signal), { serverUrl, place, off, gateSentence }, t);
  }

  return {
    async show() {
      working?.abort();
      const { signal } = (working = new AbortController());
      const next = await render(signal);
      if (signal.aborted) return;
      text = next;
      changed.fire(URI);
      const document = await vscode.workspace.openTextDocument(URI);
      await vscode.window.showTextDocument(document, {
        viewColumn: columnFor(document),
        preview: true,
        preserveFocus: true,
      });
    },
    dispose() {
      working?.abort();
      registration.dispose();
      changed.dispose();
    },
  };
}

/** Where it is open already; else beside the code. */
function columnFor(document: vscode.TextDocument): vscode.ViewColumn {
  const open = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  return open?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** The inspector's words for the same gate. */
function sentenceFor(gate: string, t: typeof vscode.l10n.t): string {
  return explain(
    {
      id: 0,
      at: 0,
      trigger: 'automatic',
      language: '',
      outcome: 'empty',
      decidedBy: 'gate',
      reason: gate,
      totalMs: 0,
      stages: [],
      pace: undefined,
      context: undefined,
      answer: undefined,
      filters: [],
      fate: undefined,
      code: { path: '', line: 0, before: '', text: '' },
    },
    { t },
  ).sentence;
}
