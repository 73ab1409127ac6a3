/** An editor whose own parts fail: what it gave the client to call throws, at once or later. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CompletionClientOptions } from '../complete.ts';
import { openEditor } from '../testing/editor.ts';
import { TransportError } from '../transport/error.ts';
import type { Outcome } from '../types.ts';

let unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  // Whoever listens to the end of a stream is told after everybody else; what goes wrong there comes to light.
  expect(new Set(unhandled)).toSatisfy((reasons: ReadonlySet<unknown>) =>
    [...reasons].every((each) => each === BROKEN),
  );
});

const BROKEN = new Error('the editor is broken');

type Editor = ReturnType<typeof openEditor>;

function fail(): never {
  throw BROKEN;
}
/** Fails from its second call on: the first one is made before anything is waited for. */
function failLater<T>(value: T): () => T {
  let calls = 0;
  return () => (++calls > 1 ? fail() : value);
}

const PARTS: Record<
  string,
  { readonly options?: Partial<CompletionClientOptions>; readonly listen?: (editor: Editor) => unknown }
> = {
  'who hears of streams': { options: { onStreamEvent: fail } },
  'who hears of their ends': { options: { onStreamEnd: fail } },
  'what takes events': { options: { record: fail } },
  'the ignore files': { options: { isIgnored: fail } },
  'the settings': { options: { settings: fail } },
  'a grammar': { options: { syntax: { at: fail, errorsAdded: fail } } },
  'a grammar, later': { options: { syntax: { at: failLater(undefined), errorsAdded: fail } } },
  'who hears of the state': { listen: ({ client }) => client.onStateChange(fail) },
  'who hears of the state, later': { listen: ({ client }) => client.onStateChange(failLater(undefined)) },
  'who hears of questions': { listen: ({ client }) => client.onKeystroke(fail) },
};

const ANSWERS: Record<string, (call: Awaited<ReturnType<Editor['server']['nextCall']>>) => unknown> = {
  'is answered': (call) => call.answer('1 + 2;\n3;\n'),
  'is answered in pieces': (call) => {
    for (const text of ['1', ' + 2;\n', '3;', '\n']) call.text(text);
    call.finish();
    call.done();
  },
  'is empty': (call) => call.done('silent'),
  fails: (call) =>
    call.fail(new TransportError({ reason: 'unreachable', detail: 'Nobody is there.', retryable: true })),
};

describe.each(Object.entries(PARTS))('%s failing', (_, { options = {}, listen }) => {
  it.each(Object.entries(ANSWERS))(
    'a question that %s is settled all the same, and written down',
    async (_name, give) => {
      const editor = openEditor('const a = █', options);
      listen?.(editor);
      let settled: Outcome | Error | undefined;
      editor.ask({ trigger: 'manual' }).then(
        (outcome) => (settled = outcome),
        (error: Error) => (settled = error),
      );
      await editor.clock.settle();
      const [call] = editor.server.calls;
      // What may not leave is not known then.
      if (options.isIgnored) expect(call).toBeUndefined();
      if (call) give(call);
      await editor.clock.settle();
      expect(settled).toBeDefined();
      const [newest] = editor.client.keystrokes();
      expect(newest?.id).toBe(1);
      if (!(settled instanceof Error)) expect(newest?.outcome).toBe(settled?.kind);
    },
  );
});

describe('what goes wrong in an editor', () => {
  it('is written down as a failure, and not swallowed', async () => {
    const editor = openEditor('const a = █', { syntax: { at: fail, errorsAdded: fail } });
    await expect(editor.ask({ trigger: 'manual' })).rejects.toBe(BROKEN);
    const [newest] = editor.client.keystrokes();
    expect(newest).toMatchObject({ outcome: 'failed', reason: 'protocol' });
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('is no reason to write down less: a question that was cancelled before it was asked is one', async () => {
    const editor = openEditor('const a = █');
    const token = new AbortController();
    token.abort();
    const query = { document: editor.document, trigger: 'automatic' as const, openDocuments: () => [] };
    expect(await editor.client.complete(query, token.signal)).toEqual({ kind: 'cancelled', reason: 'editor' });
    expect(editor.client.keystrokes()).toMatchObject([{ outcome: 'cancelled', reason: 'editor' }]);
  });
});
