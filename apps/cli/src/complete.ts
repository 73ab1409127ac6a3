import {
  type ClientFailure,
  type CompletionQuery,
  type Outcome,
  type Suggestion,
  createCompletionClient,
  createHttpTransport,
} from '@ghostline/client';
import type { StreamEvent } from '@ghostline/protocol';
import type { CompleteCommand } from './arguments.ts';
import { tokenFrom } from './config.ts';
import { NotTextError, openDocument, openNeighbours } from './documents.ts';
import { offsetOf } from './position.ts';
import { type Trace, createTrace, formatTrace } from './trace.ts';

export interface Output {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
}

/** Prints the completion at a place in a file; returns the exit code. `signal` ends it like Ctrl+C. */
export async function complete(
  command: CompleteCommand,
  { version, stdout, stderr }: Output & { readonly version: string },
  signal: AbortSignal,
): Promise<number> {
  const say = (sentence: string) => stderr.write(`ghostline: ${sentence}\n`);
  const query = await readQuery(command);
  if ('code' in query) {
    say(query.detail);
    return query.code;
  }
  const { name, required } = command.tokenVariable;
  const token = tokenFrom(name);
  if (required && token === undefined) {
    say(`the environment variable ${name}, named by --token-env, is not set.`);
    return 2;
  }

  const trace = createTrace();
  const streamEnd = Promise.withResolvers<ClientFailure | undefined>();
  const client = createCompletionClient({
    transport: createHttpTransport({ serverUrl: () => command.server, setting: '--server', token: async () => token }),
    // A look at a completion is no use of it: nothing is counted.
    record: () => undefined,
    clientInfo: { name: 'ghostline-cli', version },
    settings: () => ({ multiline: command.multiline }),
    onStreamEvent(event: StreamEvent) {
      trace.take(event);
      if (event.event === 'delta' && event.data.index === 0 && !command.json) stdout.write(event.data.text);
    },
    onStreamEnd: streamEnd.resolve,
  });
  try {
    const first = await client.complete(query, signal);
    if (first.kind === 'failed') return failed(first.failure);
    if (first.kind === 'cancelled') return INTERRUPTED;
    const aborted = new Promise<'aborted'>((resolve) => {
      signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    // An excluded file never becomes a request.
    const end = trace.started() ? await Promise.race([streamEnd.promise, aborted]) : undefined;
    if (end === 'aborted') return INTERRUPTED;
    if (end) return failed(end);
    const last = first.kind === 'suggested' ? await client.complete(query, signal) : first;
    report(last, trace);
    return 0;
  } finally {
    client.dispose();
  }

  function failed(failure: ClientFailure): number {
    say(failure.detail);
    return 1;
  }

  function report(outcome: Outcome, trace: Trace): void {
    const suggestion = outcome.kind === 'suggested' ? outcome.suggestions[0] : undefined;
    if (command.json) {
      stdout.write(`${JSON.stringify({ ...shownAs(suggestion, outcome), ...trace.summary() }, undefined, 2)}\n`);
    } else if (stdout.isTTY && trace.text() !== '') {
      stdout.write('\n');
    }
    if (outcome.kind === 'empty') say(EXPLANATIONS[outcome.reason]);
    else if (suggestion && suggestion.text !== trace.text() && !command.json) {
      say(
        `an editor shows ${suggestion.text.length} of these ${trace.text().length} characters: the rest fits no more.`,
      );
    }
    if (command.trace) stderr.write(formatTrace(trace.summary(), suggestion));
  }
}

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

const EXPLANATIONS: Record<Extract<Outcome, { kind: 'empty' }>['reason'], string> = {
  silent: 'no completion: the model has nothing to say here.',
  excluded: 'no completion: this file is excluded, its text stays here.',
  filtered: 'no completion: the server filtered it.',
  superseded: 'no completion: a newer request of this session took its place.',
  shed: 'no completion: the server is too busy for it now.',
  use_local: 'no completion: the server leaves this to a local model.',
  deadline: 'no completion: the server could not answer in time.',
  trimmed: 'an editor shows nothing of this: it stands around the cursor already.',
  'no-cursor': 'no completion: there is no such place.',
  paused: 'no completion: suggestions are paused.',
  'language-off': 'no completion: suggestions are off for this language.',
  'file-off': 'no completion: suggestions are off for this file.',
  'document-off': 'no completion: there are none in this kind of document.',
  dismissed: 'no completion: it was dismissed here.',
  'on-demand': 'no completion: suggestions come on demand here.',
  'several-cursors': 'no completion: there is more than one cursor.',
  'mid-word': 'no completion: the place is in the middle of a word.',
  'mid-line': 'no completion: code follows on the same line.',
  'after-undo': 'no completion: a change was just undone here.',
  prose: 'no completion: this is prose in a comment or a string.',
  'exact-entry': "no completion: the editor's own list has this very word.",
};

interface Refusal {
  readonly code: number;
  readonly detail: string;
}

async function readQuery({ position }: CompleteCommand): Promise<CompletionQuery | Refusal> {
  const { file } = position;
  try {
    const document = await openDocument(file);
    const place = offsetOf(document.text, position);
    if (!place.ok) return { code: 2, detail: place.detail };
    const neighbours = await openNeighbours(file);
    return {
      document: { ...document, cursor: place.offset },
      openDocuments: () => neighbours,
      trigger: 'manual',
    };
  } catch (error) {
    return { code: 1, detail: unreadable(file, error) };
  }
}

function unreadable(file: string, error: unknown): string {
  if (error instanceof NotTextError) return `${file} ${error.reason}.`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${file} does not exist.`;
  return `${file} cannot be read${typeof code === 'string' ? ` (${code})` : ''}.`;
}

function shownAs(suggestion: Suggestion | undefined, outcome: Outcome) {
  if (!suggestion) return { text: '', ...(outcome.kind === 'empty' ? { reason: outcome.reason } : {}) };
  return { text: suggestion.text, range: suggestion.range };
}
