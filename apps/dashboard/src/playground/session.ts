import {
  type ClientState,
  type Keystroke,
  createCompletionClient,
  createHttpTransport,
  createOutbox,
} from '@ghostline/client';
import type { Theme } from '../theme/theme.ts';
import { createEditor, createModel, defineThemes, setEditorTheme, showAtStart } from './editor.ts';
import { connectInlineCompletions, openDocumentOf } from './inline-completions.ts';
import { localStorageOutboxStore } from './local-storage-outbox-store.ts';
import type { Sample } from './samples.ts';

/** What the page around the editor shows. A new object after every change. */
export interface SessionView {
  readonly path: string;
  readonly client: ClientState;
  /** Newest first. */
  readonly keystrokes: readonly Keystroke[];
}

export interface Session {
  view(): SessionView;
  subscribe(listener: () => void): () => void;
  open(path: string): void;
  /** The open file as it was, with the cursor where to start. */
  startOver(): void;
  /** Ask again at once, as after a new API key. */
  retry(): void;
  setTheme(theme: Theme): void;
  dispose(): void;
}

export interface SessionOptions {
  readonly container: HTMLElement;
  readonly samples: readonly [Sample, ...Sample[]];
  readonly theme: Theme;
  /** Asked for every request. */
  readonly apiKey: () => string | undefined;
}

/** Answers faster than this feel immediate; announcing them would only flicker at every keystroke. */
const THINKING_AFTER_MS = 150;

/** A fortnight of playing; the browser's storage holds about ten times as much. */
const MAX_WAITING_EVENTS = 1_000;

/** The editor, the client that answers it, and the outbox for what becomes of the answers: one keystroke, all the way. */
export function startSession({ container, samples, theme, apiKey }: SessionOptions): Session {
  let view: SessionView = { path: samples[0].path, client: { kind: 'ready' }, keystrokes: [] };
  const listeners = new Set<() => void>();
  const update = (change: Partial<SessionView>) => {
    view = { ...view, ...change };
    for (const listener of listeners) listener();
  };

  const transport = createHttpTransport({
    serverUrl: () => location.origin,
    token: async () => apiKey(),
    // A page asks the server it came from.
    setting: 'the address of this page',
  });
  const outbox = createOutbox({
    store: localStorageOutboxStore(),
    send: (events, signal) => transport.sendTelemetry(events, signal),
    maxEntries: MAX_WAITING_EVENTS,
  });
  const client = createCompletionClient({
    transport,
    record: (event) => outbox.record(event),
    clientInfo: { name: 'playground' },
  });

  defineThemes();
  setEditorTheme(theme);
  const editor = createEditor(container);
  const files = new Map(samples.map((sample) => [sample.path, { sample, model: createModel(sample) }]));
  const pathOf = (uri: string) => [...files.values()].find(({ model }) => model.uri.toString() === uri)!.sample.path;
  const recent = samples.map(({ path }) => path);

  const completions = connectInlineCompletions(editor, {
    client,
    pathOf: (model) => pathOf(model.uri.toString()),
    openDocumentsBesides: (model) =>
      recent
        .map((path) => files.get(path)!.model)
        .filter((other) => other !== model)
        .map((other) => openDocumentOf(other, (of) => pathOf(of.uri.toString()))),
  });

  let thinking: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = client.onStateChange((state) => {
    clearTimeout(thinking);
    if (state.kind === 'thinking') thinking = setTimeout(() => update({ client: state }), THINKING_AFTER_MS);
    else update({ client: state });
  });
  const unsubscribeKeystrokes = client.onKeystroke(() => update({ keystrokes: client.keystrokes() }));
  const leavePage = () => void outbox.flush();
  addEventListener('pagehide', leavePage);

  function open(path: string): void {
    const { sample, model } = files.get(path)!;
    recent.splice(recent.indexOf(path), 1);
    recent.unshift(path);
    showAtStart(editor, model, sample);
    editor.focus();
    update({ path });
  }
  open(view.path);

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open,
    startOver() {
      const { sample, model } = files.get(view.path)!;
      model.setValue(sample.text);
      open(view.path);
    },
    retry() {
      client.reset();
      editor.focus();
      editor.trigger('ghostline', 'editor.action.inlineSuggest.trigger', undefined);
    },
    setTheme: setEditorTheme,
    dispose() {
      clearTimeout(thinking);
      removeEventListener('pagehide', leavePage);
      unsubscribe();
      unsubscribeKeystrokes();
      completions.dispose();
      client.dispose();
      void outbox.dispose();
      editor.dispose();
      for (const { model } of files.values()) model.dispose();
    },
  };
}
