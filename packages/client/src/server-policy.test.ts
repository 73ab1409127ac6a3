import type { ClientPolicy } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import type { CompletionClientOptions } from './complete.ts';
import { openEditor, suggestionOf } from './testing/editor.ts';
import { createScriptedLocalModel } from './testing/scripted-local-model.ts';
import { createScriptedTransport } from './testing/scripted-transport.ts';
import { TransportError } from './transport/error.ts';
import type { OpenDocument } from './types.ts';

type Answer = () => Promise<ClientPolicy>;

/** A client of a server with a policy; what it says is decided by `answers.next`, one call at a time. */
function open(drawing: string, first: Answer, options: Partial<CompletionClientOptions> = {}) {
  const answers = { next: first, asked: 0 };
  const server = createScriptedTransport();
  const transport = {
    ...server,
    policy() {
      answers.asked += 1;
      return answers.next();
    },
  };
  return { editor: openEditor(drawing, { transport, ...options }), server, answers };
}

const excludes =
  (...paths: string[]): Answer =>
  () =>
    Promise.resolve({ excluded_paths: paths });
const fails =
  (reason: 'unreachable' | 'rejected' | 'server', detail = reason): Answer =>
  () =>
    Promise.reject(new TransportError({ reason, detail, retryable: reason !== 'rejected' }));

const other: OpenDocument = {
  uri: 'file:///secret/b.ts',
  path: 'secret/b.ts',
  language: 'typescript',
  text: 'export const total = price * count;\n'.repeat(5),
};

describe('the policy of an organisation', () => {
  it('is known before anything leaves: its files are neither completed nor sent as context', async () => {
    const { editor, server, answers } = open('const total = █', excludes('secret/'));
    void editor.ask({ open: [other] });
    const call = await server.nextCall();
    expect(call.request.snippets).toEqual([]);
    expect(answers.asked).toBe(1);
    editor.jump('const total = █', 'file:///secret/a.ts');
    const document = { ...editor.document, path: 'secret/a.ts' };
    const query = { document, trigger: 'automatic', openDocuments: () => [] } as const;
    expect(await editor.client.complete(query, new AbortController().signal)).toEqual({
      kind: 'empty',
      reason: 'excluded',
    });
    expect(editor.client.isExcluded('secret/a.ts')).toBe(true);
    expect(server.calls).toHaveLength(1);
  });

  it('names languages, too: by what the editor calls a document, and by the names of files', async () => {
    const policy = () => Promise.resolve({ excluded_paths: [], excluded_languages: ['sql', 'python'] });
    const { editor, server } = open('const total = █', policy);
    const inSql = { ...other, uri: 'file:///a/q', path: 'a/q', language: 'sql' };
    const named = { ...other, uri: 'file:///a/b.py', path: 'a/b.py', language: 'plaintext' };
    const kept = { ...other, uri: 'file:///a/c.ts', path: 'a/c.ts' };
    void editor.ask({ open: [inSql, named, kept] });
    const { request } = await server.nextCall();
    expect(request.snippets?.map(({ path }) => path)).toEqual(['a/c.ts']);
    const document = { ...editor.document, uri: 'file:///a/query', path: 'a/query', language: 'sql' };
    const query = { document, trigger: 'automatic', openDocuments: () => [] } as const;
    expect(await editor.client.complete(query, new AbortController().signal)).toEqual({
      kind: 'empty',
      reason: 'excluded',
    });
    expect(editor.client.isExcluded('x/y.py')).toBe(true);
    expect(server.calls).toHaveLength(1);
  });

  it('also holds for what the local model, which keeps it to itself, was asked with before', async () => {
    const policy = Promise.withResolvers<ClientPolicy>();
    const { editor, server } = open('const total = █', () => policy.promise, {
      settings: () => ({ delayMs: 0, local: 'instant' }),
      localModel: { complete: () => Promise.resolve([]) },
    });
    void editor.ask({ open: [other] });
    await editor.clock.settle();
    policy.resolve({ excluded_paths: ['secret/'] });
    expect((await server.nextCall()).request.snippets).toEqual([]);
  });

  it('is not waited for where the local model is sure of its text', async () => {
    const { editor, server } = open('const total = █', () => new Promise(() => undefined), {
      settings: () => ({ delayMs: 0, local: 'instant' }),
      localModel: createScriptedLocalModel({ answer: () => ['price * count;'] }),
    });
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'price * count;', source: 'local' });
    expect(server.calls).toHaveLength(0);
  });

  it('is waited for where the local model is not sure', async () => {
    const policy = Promise.withResolvers<ClientPolicy>();
    const { editor, server } = open('const total = █', () => policy.promise, {
      settings: () => ({ delayMs: 0, local: 'instant' }),
      localModel: createScriptedLocalModel({ answer: () => [{ text: 'price;', confidence: 0.1 }] }),
    });
    const asked = editor.ask();
    await editor.clock.settle();
    policy.resolve({ excluded_paths: [] });
    (await server.nextCall()).answer('price * count;');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'price * count;', source: 'network' });
  });

  it('holds the very first request back until it is there, and then keeps to it', async () => {
    const policy = Promise.withResolvers<ClientPolicy>();
    const { editor, server } = open('const total = █', () => policy.promise);
    const asked = editor.ask();
    await editor.clock.settle();
    expect(server.calls).toHaveLength(0);
    policy.resolve({ excluded_paths: ['a.ts'] });
    expect(await asked).toEqual({ kind: 'empty', reason: 'excluded' });
    expect(server.calls).toHaveLength(0);
  });

  it('is waited for anew when another server is chosen meanwhile', async () => {
    const [before, policy] = [Promise.withResolvers<ClientPolicy>(), Promise.withResolvers<ClientPolicy>()];
    const { editor, server, answers } = open('const total = █', () => before.promise);
    void editor.ask({ open: [other] });
    await editor.clock.settle();
    answers.next = () => policy.promise;
    editor.client.reset();
    before.reject(new DOMException('another server', 'AbortError'));
    await editor.clock.settle();
    expect(server.calls).toHaveLength(0);
    policy.resolve({ excluded_paths: ['secret/'] });
    expect((await server.nextCall()).request.snippets).toEqual([]);
    expect(answers.asked).toBe(2);
  });

  it('that cannot be had lets nothing leave, and is asked for again', async () => {
    const { editor, server, answers } = open('const total = █', fails('unreachable'));
    expect(await editor.ask()).toMatchObject({ kind: 'failed', failure: { reason: 'unreachable' } });
    expect(editor.client.state()).toMatchObject({ kind: 'offline' });
    expect(server.calls).toHaveLength(0);
    answers.next = excludes();
    const asked = editor.ask();
    (await server.nextCall()).answer('price;');
    expect(suggestionOf(await asked).text).toBe('price;');
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('that a server has never heard of is none', async () => {
    const failure = { reason: 'rejected', detail: 'There is no such address.', retryable: false } as const;
    const { editor, server } = open('const total = █', () =>
      Promise.reject(new TransportError(failure, { status: 404 })),
    );
    void editor.ask();
    expect((await server.nextCall()).request.prefix).toBe('const total = ');
  });

  it('that is refused for any other reason lets nothing leave either', async () => {
    const { editor, server } = open('const total = █', fails('rejected'));
    expect(await editor.ask()).toMatchObject({ kind: 'failed', failure: { reason: 'rejected' } });
    expect(server.calls).toHaveLength(0);
  });

  it('is asked for again after five minutes, without anybody waiting for it', async () => {
    const { editor, server, answers } = open('█', excludes());
    const type = async (text: string) => {
      editor.jump(`${text}█`);
      const asked = editor.ask();
      (await server.nextCall()).answer('x();');
      await asked;
    };
    await type('a = ');
    await type('b = ');
    expect(answers.asked).toBe(1);
    await editor.clock.advance(5 * 60_000);
    const policy = Promise.withResolvers<ClientPolicy>();
    answers.next = () => policy.promise;
    await type('c = ');
    expect(answers.asked).toBe(2);
    policy.resolve({ excluded_paths: ['a.ts'] });
    await editor.clock.settle();
    editor.jump('d = █');
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'excluded' });
  });

  it('stays what it was while the server cannot say it anew', async () => {
    const { editor, answers } = open('█', excludes('a.ts'));
    await editor.ask();
    answers.next = fails('server');
    await editor.clock.advance(5 * 60_000);
    await editor.ask();
    await editor.clock.settle();
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'excluded' });
  });

  it('is another with another server', async () => {
    const { editor, server, answers } = open('x = █', excludes('a.ts'));
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'excluded' });
    answers.next = excludes();
    editor.client.reset();
    void editor.ask();
    expect((await server.nextCall()).request.prefix).toBe('x = ');
  });
});
