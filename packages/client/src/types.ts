import type { NgramCandidate, NgramRequest } from '@ghostline/ngram-model';
import type {
  ClientPolicy,
  CompletionRequest,
  EmptyReason,
  Multiline,
  StreamEvent,
  SuggestionSource,
  TelemetryEvent,
  TelemetryReceipt,
  Trigger,
} from '@ghostline/protocol';
import type { ContextTrace, Keystroke } from './trace/keystroke.ts';

/** The document at the moment of asking, as plain data. Offsets are UTF-16 code units into `text`. */
export interface DocumentSnapshot {
  /** Identity of the document within the editor. */
  readonly uri: string;
  /** Workspace-relative path with forward slashes; a bare file name when there is no workspace. */
  readonly path: string;
  /** VS Code language id. */
  readonly language: string;
  readonly text: string;
  readonly cursor: number;
}

/** Another document the user has open, most recently looked at first. */
export interface OpenDocument {
  readonly uri: string;
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

export interface CompletionQuery {
  readonly document: DocumentSnapshot;
  readonly trigger: Exclude<Trigger, 'speculative'>;
  /** What the text does not tell; by default one cursor in a document that is completed. */
  readonly situation?: Situation;
  /** Called, as the sources below, only when a request will really be built. */
  readonly openDocuments: () => readonly OpenDocument[];
  /** Parts of other documents that were on screen lately, most recent first. */
  readonly viewedRanges?: () => readonly Excerpt[];
  /** Definitions and types of the symbols near the cursor, by the editor's language features; what comes late is left out. */
  readonly definitions?: (signal: AbortSignal) => Promise<readonly Excerpt[]>;
}

/** Part of a document. `startLine` counts from 0. */
export interface Excerpt extends OpenDocument {
  readonly startLine: number;
}

/** What the editor knows at the moment of asking. */
export interface Situation {
  /** Why the user has no suggestions here at all. */
  readonly off?: Extract<Gate, 'paused' | 'language-off' | 'file-off' | 'document-off'>;
  /** Suggestions are asked for by hand only: what is known already is shown all the same. */
  readonly onDemand?: boolean;
  /** How many carets and selections there are; 1 unless said. */
  readonly cursors?: number;
  /** What the last change of this document was, if it was another than typing. */
  readonly lastChange?: 'undo' | 'redo';
  /** The entry selected in the list of completions, and where it begins. */
  readonly selectedEntry?: { readonly text: string; readonly start: number };
}

/** Text that may be shown at the cursor now. Replaces `[range.start, range.end)` of the document as it is now. */
export interface Suggestion {
  /** One stay on screen: kept while the user types along with the suggestion or it grows. */
  readonly viewId: string;
  readonly completionId: string;
  readonly choice: number;
  readonly text: string;
  readonly range: { readonly start: number; readonly end: number };
  readonly source: SuggestionSource;
  readonly model: string;
  readonly region: string;
  /** From the call of `complete` to this suggestion. */
  readonly latencyMs: number;
  /** False while the stream goes on, or the server's answer behind a local one: `onExtended` will announce the rest. */
  readonly complete: boolean;
}

/** What the user can choose; read for every request. */
export interface ClientSettings {
  /** How soon to ask after a keystroke; `balanced` by default. */
  readonly pace?: Pace;
  /** Wait exactly so long for another keystroke before an automatic request, in ms, whatever the pace. */
  readonly delayMs?: number;
  /** Ask right after a deletion, an undo or a redo; false by default: what is known already is shown all the same. */
  readonly afterDeletion?: boolean;
  /** Complete prose in comments and strings; false by default. Comments that describe code to come are another matter. */
  readonly prose?: boolean;
  /** Ask ahead for what comes after a suggestion that will probably be accepted; true by default. */
  readonly ahead?: boolean;
  /** Default: the server's, `auto`. */
  readonly multiline?: Multiline;
  /** Alternatives to ask for when asked by hand, 1–5; 1 by default. */
  readonly maxCandidates?: number;
  /** Globs of workspace-relative paths whose text never leaves the editor, besides the built-in ones. */
  readonly exclude?: readonly string[];
  /** When the local model suggests, if there is one; `fallback` by default. */
  readonly local?: LocalMode;
}

/** From few requests for those who read what they get to many for those who type fast. */
export type Pace = 'calm' | 'balanced' | 'eager';

/** Why a question was not asked. */
export type Gate =
  | 'paused'
  | 'language-off'
  | 'file-off'
  | 'document-off'
  | 'on-demand'
  | 'dismissed'
  | 'excluded'
  | 'no-cursor'
  | 'several-cursors'
  | 'mid-word'
  | 'mid-line'
  | 'after-undo'
  | 'prose'
  | 'exact-entry';

/**
 * `off`: never. `fallback`: while the server cannot, or when it asks for it. `instant`: also before the server has
 * answered, where the local model is sure.
 */
export type LocalMode = 'off' | 'fallback' | 'instant';

/** The model beside the editor: the embedded n-gram model in a worker, as a rule. */
export interface LocalModel {
  /** Best first; empty when it has nothing to say. Rejects with the signal's reason on abort, and when the worker is gone. */
  complete(request: NgramRequest, signal: AbortSignal): Promise<readonly NgramCandidate[]>;
}

/** Every keystroke ends in one of these; the reason is the telemetry. */
export type Outcome =
  | { readonly kind: 'suggested'; readonly suggestions: readonly [Suggestion, ...Suggestion[]] }
  | { readonly kind: 'empty'; readonly reason: EmptyReason | Gate | 'trimmed' }
  | { readonly kind: 'cancelled'; readonly reason: 'superseded' | 'editor' | 'disposed' }
  | { readonly kind: 'failed'; readonly failure: ClientFailure };

/** Said to the user: `detail` is a whole sentence with the fix where there is one. */
export interface ClientFailure {
  readonly reason: 'unreachable' | 'unauthenticated' | 'rate-limited' | 'rejected' | 'server' | 'protocol';
  readonly detail: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

export type ClientState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'thinking' }
  /** Suggestions come from the local model, because of that failure or, without one, because the server asked for it. */
  | { readonly kind: 'local'; readonly failure?: ClientFailure }
  /** The local model does not stand in: there is none, it is off, or the user must mend the failure. */
  | { readonly kind: 'offline'; readonly failure: ClientFailure };

/** The only thing that talks to a server. */
export interface Transport {
  /** Events in order. Throws `TransportError`; rejects with the signal's reason on abort. */
  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<StreamEvent>;
  sendTelemetry(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<TelemetryReceipt>;
  /** What the organisation wants of this client, where the server can say so. Fails as `complete` does. */
  policy?(signal: AbortSignal): Promise<ClientPolicy>;
  /** Resolves when the server is there and takes the key, if one is needed; else as `complete` does. */
  check(signal: AbortSignal): Promise<void>;
}

/** Keystroke → ghost text, without an editor. */
export interface CompletionClient {
  complete(query: CompletionQuery, signal: AbortSignal): Promise<Outcome>;
  /**
   * The editor shows this suggestion (again). Counted as shown once it has stayed for the dwell time or is accepted.
   * `how`: whether the editor said so or it is concluded from returning it uncancelled.
   */
  shown(suggestion: Suggestion, how: 'measured' | 'inferred'): void;
  /** The whole suggestion went into the document. */
  accepted(viewId: string, how: 'measured' | 'inferred'): void;
  /**
   * The first `length` characters of this suggestion went into the document by a word, a line or an entry of the completion
   * list that was accepted: where an editor says so.
   */
  partiallyAccepted(suggestion: Suggestion, length: number): void;
  /** Telemetry is off: what became of accepted texts is of no interest any more. */
  forgetTexts(): void;
  /** A change of a document, after it happened: recognises typing along, partial acceptance and disagreement. */
  changed(change: DocumentChange): void;
  /** The user dismissed it (Escape), or it is gone because the cursor left. */
  dismissed(viewId: string, why: 'rejected' | 'ignored', how: 'measured' | 'inferred'): void;
  /** Whether the text of this workspace-relative path stays in the editor, by the settings or the built-in rules. */
  isExcluded(path: string): boolean;
  /** Looks whether the server is there: `state` will tell. For a start, and another address or key. */
  check(): void;
  state(): ClientState;
  onStateChange(listener: (state: ClientState) => void): () => void;
  /** A suggestion returned incomplete has grown: ask again and `complete` answers at once with the longer one. */
  onExtended(listener: (viewId: string) => void): () => void;
  /** What the last hundred questions came to, newest first. */
  keystrokes(): readonly Keystroke[];
  onKeystroke(listener: () => void): () => void;
  /** The request that would be sent for this query now, as it would leave the editor; with it what was left out. */
  preview(query: CompletionQuery, signal: AbortSignal): Promise<RequestPreview>;
  /** Forget everything cached; for changed settings. */
  reset(): void;
  dispose(): void;
}

/** What would be sent; `gate` says why it would not. */
export interface RequestPreview {
  readonly request: CompletionRequest | undefined;
  readonly gate: Gate | undefined;
  readonly context: ContextTrace | undefined;
}

export interface DocumentChange {
  readonly uri: string;
  readonly offset: number;
  readonly deleted: number;
  readonly inserted: string;
}

/** Where events wait until the server has them. One entry per event id, so that a crash between two calls loses none. */
export interface OutboxStore {
  put(id: string, json: string): Promise<void>;
  /**
   * What earlier runs have left, oldest first (ids are UUIDv7: their order is time); it is this run's to send from now on.
   * Asked again and again, as another run beside this one may have come to its end meanwhile.
   */
  list(): Promise<readonly { id: string; json: string }[]>;
  delete(ids: readonly string[]): Promise<void>;
  /** This run is over: what it leaves is anybody's. */
  close?(): Promise<void>;
}

export interface Outbox {
  /** Never throws and never blocks the caller; the event is on disk as soon as the store has taken it. */
  record(event: TelemetryEvent): void;
  /** Tries to send now; resolves when what was recorded before is sent or the attempt failed. */
  flush(): Promise<void>;
  dispose(): Promise<void>;
}
