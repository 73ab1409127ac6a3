import { answerTask } from '@ghostline/ngram-model';
import { parseTelemetryBatch } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf, suggestionsOf } from '../testing/editor.ts';
import { type ScriptedLocalModelOptions, createScriptedLocalModel } from '../testing/scripted-local-model.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientFailure, ClientSettings, ClientState, LocalModel, OpenDocument } from '../types.ts';

function open(drawing: string, settings: ClientSettings = {}, script: ScriptedLocalModelOptions = {}) {
  const model = createScriptedLocalModel(script);
  const editor = openEditor(drawing, { localModel: model, settings: () => ({ delayMs: 0, ...settings }) });
  return { editor, model };
}

function failure(reason: ClientFailure['reason'], { retryable = true, retryAfterMs }: Partial<ClientFailure> = {}) {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new TransportError({ reason, detail: `it is ${reason}`, retryable, ...wait });
}

/** An editor whose server was just found to be away. */
async function openOffline(drawing: string, settings: ClientSettings = {}, script: ScriptedLocalModelOptions = {}) {
  const opened = open(drawing, settings, script);
  opened.editor.server.checkFailure = failure('unreachable');
  opened.editor.client.check();
  await opened.editor.clock.settle();
  return opened;
}

describe('a server that fails in a way that passes', () => {
  it.each(['unreachable', 'rate-limited', 'server', 'protocol'] as const)(
    'is replaced by the local model in the same call: %s',
    async (reason) => {
      const { editor, model } = open('x = █');
      const asked = editor.ask();
      (await editor.server.nextCall()).fail(failure(reason));
      (await model.nextCall()).answer('foo();');
      const suggestion = suggestionOf(await asked);
      expect(suggestion).toMatchObject({
        text: 'foo();',
        source: 'local',
        model: 'ngram',
        region: 'local',
        complete: true,
        completionId: expect.stringMatching(/^loc_[0-9a-f-]{36}$/),
      });
      expect(editor.client.state()).toMatchObject({ kind: 'local', failure: { reason } });
    },
  );

  it('is replaced when its stream breaks before anything of it was shown, and only then', async () => {
    const { editor, model } = open('x = █');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('half a li');
    call.fail(failure('protocol'));
    (await model.nextCall()).answer('foo();');
    expect(suggestionOf(await asked).text).toBe('foo();');

    editor.jump('y = █');
    const again = editor.ask();
    const second = await editor.server.nextCall();
    second.text('a whole line;\nand ha');
    expect(suggestionOf(await again)).toMatchObject({ text: 'a whole line;', model: 'scripted' });
    second.fail(failure('protocol'));
    await editor.clock.settle();
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'a whole line;', model: 'scripted' });
    expect(model.calls).toHaveLength(1);
  });

  it.each([
    ['unauthenticated', true],
    ['unauthenticated', false],
    ['unreachable', false],
    ['protocol', false],
    ['server', false],
  ] as const)('is not replaced when the user must mend it: %s, retryable %s', async (reason, retryable) => {
    const { editor, model } = open('x = █');
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure(reason, { retryable }));
    expect(await asked).toMatchObject({ kind: 'failed', failure: { reason } });
    expect(editor.client.state()).toMatchObject({ kind: 'offline', failure: { reason } });
    expect(model.calls).toHaveLength(0);
  });

  it('is not replaced for a document that it rejects', async () => {
    const { editor, model } = open('x = █');
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure('rejected'));
    expect(await asked).toMatchObject({ kind: 'failed', failure: { reason: 'rejected' } });
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    expect(model.calls).toHaveLength(0);
  });

  it('is not replaced without a model, or with the model off', async () => {
    for (const editor of [openEditor('x = █'), open('x = █', { local: 'off' }).editor]) {
      const asked = editor.ask();
      (await editor.server.nextCall()).fail(failure('unreachable'));
      expect(await asked).toMatchObject({ kind: 'failed' });
      expect(editor.client.state()).toMatchObject({ kind: 'offline' });
    }
  });

  it('is replaced for a keystroke that had joined its request', async () => {
    const { editor, model } = open('x = █');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.type('f');
    const asked = editor.ask();
    await editor.clock.settle();
    call.fail(failure('server'));
    const local = await model.nextCall();
    expect(local.request.prefix).toBe('x = f');
    local.answer('oo();');
    expect(suggestionOf(await asked).text).toBe('oo();');
    expect(editor.server.calls).toHaveLength(1);
  });
});

describe('a server that is known to be away', () => {
  it('is not asked, nor is the pace kept', async () => {
    const { editor, model } = await openOffline('x = █', { delayMs: 1000 });
    const asked = editor.ask();
    (await model.nextCall()).answer('foo();');
    expect(suggestionOf(await asked).text).toBe('foo();');
    expect(editor.server.calls).toHaveLength(0);
  });

  it('is asked again once it is back, and its answer wins over what is remembered of the local model', async () => {
    const { editor, model } = await openOffline('x = █');
    const first = editor.ask();
    (await model.nextCall()).answer('local();');
    editor.client.dismissed(suggestionOf(await first).viewId, 'ignored', 'inferred');
    editor.server.checkFailure = undefined;
    await editor.clock.advance(5_000);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    const second = editor.ask();
    (await editor.server.nextCall()).answer('better();');
    expect(suggestionOf(await second)).toMatchObject({ text: 'better();', source: 'network', model: 'scripted' });
    expect(model.calls).toHaveLength(1);
  });

  it('leaves what is on screen there when it comes back, until something else is typed', async () => {
    const { editor, model } = await openOffline('x = █');
    const first = editor.ask();
    (await model.nextCall()).answer('local();');
    const { viewId } = suggestionOf(await first);
    editor.server.checkFailure = undefined;
    await editor.clock.advance(5_000);
    editor.type('l');
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId, text: 'ocal();' });
    expect(editor.server.calls).toHaveLength(0);
    editor.type('x');
    const departed = editor.ask();
    (await editor.server.nextCall()).answer('yz();');
    expect(suggestionOf(await departed).text).toBe('yz();');
  });

  it('is looked for at once when the user asks by hand', async () => {
    const { editor, model } = await openOffline('x = █', { maxCandidates: 3 });
    editor.server.checkFailure = undefined;
    const asked = editor.ask({ trigger: 'manual' });
    (await model.nextCall()).answer('1;', '2;', '3;', '4;');
    expect(suggestionsOf(await asked).map(({ text, choice }) => [choice, text])).toEqual([
      [0, '1;'],
      [1, '2;'],
      [2, '3;'],
    ]);
    expect(model.calls[0]!.request.candidates).toBe(3);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('is still looked for by itself', async () => {
    const { editor } = await openOffline('x = █');
    expect(editor.client.state()).toMatchObject({ kind: 'local', failure: { reason: 'unreachable' } });
    await editor.clock.advance(200_000);
    expect(editor.server.checks).toBe(7);
  });

  it('is not asked while it holds requests back, and asked after that', async () => {
    const { editor, model } = open('█', {}, { answer: () => ['foo();'] });
    const first = editor.ask();
    (await editor.server.nextCall()).fail(failure('rate-limited', { retryAfterMs: 5_000 }));
    expect(suggestionOf(await first).source).toBe('local');
    editor.type('a');
    expect(suggestionOf(await editor.ask()).source).toBe('local');
    expect(model.calls).toHaveLength(2);
    expect(editor.server.calls).toHaveLength(1);
    await editor.clock.advance(5_000);
    editor.type('b');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('does not bring suggestions into an excluded file', async () => {
    const { editor, model } = await openOffline('x = █', { exclude: ['a.ts'] });
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'excluded' });
    expect(model.calls).toHaveLength(0);
  });
});

describe('a server that leaves it to the local model', () => {
  it('is heard in the same call, and the state says so without a failure', async () => {
    const { editor, model } = open('x = █');
    const states: ClientState[] = [];
    const asked = editor.ask();
    (await editor.server.nextCall()).done('use_local');
    editor.client.onStateChange((state) => states.push(state));
    (await model.nextCall()).answer('foo();');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'foo();', source: 'local' });
    expect(editor.client.state()).toEqual({ kind: 'local' });
    editor.type('b');
    const next = editor.ask();
    (await editor.server.nextCall()).done('use_local');
    (await model.nextCall()).answer('ar();');
    await next;
    expect(states.filter(({ kind }) => kind !== 'thinking')).toEqual([{ kind: 'local' }]);
    editor.type('x');
    const last = editor.ask();
    (await editor.server.nextCall()).answer('yz();');
    expect(suggestionOf(await last).text).toBe('yz();');
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('is answered as today without one', async () => {
    const editor = openEditor('x = █');
    const asked = editor.ask();
    (await editor.server.nextCall()).done('use_local');
    expect(await asked).toEqual({ kind: 'empty', reason: 'use_local' });
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });
});

describe('what the local model is asked', () => {
  it('is the text a server would be sent, with its secrets, without excluded files', async () => {
    const token = `ghp_${'a1B2c3D4'.repeat(5)}`;
    const { editor, model } = await openOffline(`const t = '${token}';\nconst user = loadUser█\nexport {};\n`, {
      exclude: ['private/**'],
      multiline: 'auto',
    });
    const files: OpenDocument[] = [
      { path: 'users.ts', text: `export function loadUser(id) {}\nconst t = '${token}';` },
      { path: 'private/users.ts', text: 'export function loadUser(secret) {}' },
      { path: '.env', text: 'user=loadUser' },
    ].map(({ path, text }) => ({ uri: `file:///${path}`, path, language: 'typescript', text }));
    void editor.ask({ open: files });
    const { request } = await model.nextCall();
    expect(request).toEqual({
      prefix: `const t = '${token}';\nconst user = loadUser`,
      suffix: '\nexport {};\n',
      snippets: [files[0]!.text],
      maxChars: 256,
      candidates: 1,
      singleLine: true,
      deadlineMs: 60,
    });
  });

  it('is gathered once for the server and for the local model', async () => {
    const { editor, model } = open('x = █');
    let looks = 0;
    const asked = editor.client.complete(
      { document: editor.document, trigger: 'automatic', openDocuments: () => ((looks += 1), []) },
      new AbortController().signal,
    );
    (await editor.server.nextCall()).fail(failure('unreachable'));
    (await model.nextCall()).answer('foo();');
    await asked;
    expect(looks).toBe(1);
  });

  it.each([
    ['auto', 'x = █', true],
    ['auto', 'function f() {█\n}\n', false],
    ['never', 'function f() {█\n}\n', true],
    ['always', 'x = █', false],
  ] as const)('keeps to one line as the setting says: %s at %j', async (multiline, drawing, singleLine) => {
    const { editor, model } = await openOffline(drawing, { multiline });
    void editor.ask();
    const { request } = await model.nextCall();
    expect(request).toMatchObject({ singleLine, maxChars: singleLine ? 256 : 1024 });
  });
});

describe('a local suggestion', () => {
  it('is typed along and keeps its view', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    (await model.nextCall()).answer('foo();');
    const { viewId } = suggestionOf(await asked);
    editor.type('fo');
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId, text: 'o();', source: 'typed' });
    expect(model.calls).toHaveLength(1);
  });

  it('comes back from memory while the server is away, as the view it was', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    (await model.nextCall()).answer('foo();');
    const first = suggestionOf(await asked);
    editor.type('b');
    void editor.ask();
    (await model.nextCall()).answer('ar();');
    await editor.clock.settle();
    editor.backspace();
    const again = suggestionOf(await editor.ask());
    expect(again).toMatchObject({ text: 'foo();', source: 'cache', completionId: first.completionId });
    expect(model.calls).toHaveLength(2);
  });

  it('is not remembered when its length was cut', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    (await model.nextCall()).answer({ text: 'foo(', cut: true });
    editor.client.dismissed(suggestionOf(await asked).viewId, 'ignored', 'inferred');
    void editor.ask();
    await editor.clock.settle();
    expect(model.calls).toHaveLength(2);
  });

  it.each(['\u0000', '\u001b', '\u202e'])('has no line with %j, nor what follows', async (char) => {
    const { editor, model } = await openOffline('█', { multiline: 'always' });
    const asked = editor.ask();
    (await model.nextCall()).answer(`a();\nb(${char});\nc();`);
    expect(suggestionOf(await asked).text).toBe('a();');
  });

  it('fits the document: what stands after the cursor is not written again', async () => {
    const { editor, model } = await openOffline('foo(█)');
    const asked = editor.ask();
    (await model.nextCall()).answer('bar)');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'bar)', range: { start: 4, end: 5 } });
  });

  it('is counted as local, in events that the protocol takes', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    (await model.nextCall()).answer('foo.bar();');
    const suggestion = suggestionOf(await asked);
    editor.client.shown(suggestion, 'measured');
    await editor.clock.advance(250);
    editor.insert('foo');
    const rest = suggestionOf(await editor.ask());
    editor.client.shown(rest, 'measured');
    editor.accept(rest);
    editor.jump('y = █');
    const rejected = editor.ask();
    (await model.nextCall()).answer('secret();');
    editor.client.shown(suggestionOf(await rejected), 'measured');
    await editor.clock.advance(250);
    editor.type('z');
    await editor.clock.advance(1_000);
    expect(editor.events.map(({ type }) => type.replace('completion-', ''))).toEqual([
      'shown',
      'partially-accepted',
      'accepted',
      'shown',
      'rejected',
    ]);
    const { completionId } = suggestion;
    expect(editor.events[0]).toMatchObject({ origin: 'local', completion_id: completionId, source: 'local' });
    const parsed = parseTelemetryBatch({ events: editor.events }, editor.clock.now());
    expect(parsed).toMatchObject({ ok: true, rejected: [] });
    expect(parsed.ok && parsed.events.map(({ event }) => event)).toEqual(editor.events);
    expect(editor.events.every(({ origin }) => origin === 'local')).toBe(true);
  });
});

describe('a local model without anything to say', () => {
  it('is no silence of the server', async () => {
    const { editor, model } = await openOffline('x = █', {}, { answer: () => [] });
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'silent' });
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'silent' });
    expect(model.calls).toHaveLength(2);
    editor.server.checkFailure = undefined;
    await editor.clock.advance(60_000);
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('foo();');
    expect(suggestionOf(await asked).text).toBe('foo();');
  });
});

describe('a local model that is given up', () => {
  it('stops when the editor cancels', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    const call = await model.nextCall();
    editor.cancel();
    expect(await asked).toEqual({ kind: 'cancelled', reason: 'editor' });
    expect(call.aborted).toBe(true);
  });

  it('stops when another key is typed, and is asked about that', async () => {
    const { editor, model } = await openOffline('x = █');
    const first = editor.ask();
    const call = await model.nextCall();
    editor.type('f');
    const asked = editor.ask();
    expect(await first).toMatchObject({ kind: 'cancelled' });
    expect(call.aborted).toBe(true);
    (await model.nextCall()).answer('oo();');
    expect(suggestionOf(await asked).text).toBe('oo();');
    expect(editor.client.state()).toMatchObject({ kind: 'local' });
  });

  it('stops with the client', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    const call = await model.nextCall();
    editor.client.dispose();
    expect(await asked).toEqual({ kind: 'cancelled', reason: 'disposed' });
    expect(call.aborted).toBe(true);
  });
});

describe('a local model that fails', () => {
  it('is left alone for half a minute, in which all is as without it', async () => {
    const { editor, model } = open('█');
    const first = editor.ask();
    (await editor.server.nextCall()).fail(failure('unreachable'));
    (await model.nextCall()).fail();
    expect(await first).toMatchObject({ kind: 'failed', failure: { reason: 'unreachable' } });
    expect(editor.client.state()).toMatchObject({ kind: 'offline', failure: { reason: 'unreachable' } });

    editor.server.checkFailure = failure('unreachable');
    await editor.clock.advance(29_999);
    editor.type('a');
    const second = editor.ask();
    (await editor.server.nextCall()).fail(failure('unreachable'));
    expect(await second).toMatchObject({ kind: 'failed' });
    expect(model.calls).toHaveLength(1);

    await editor.clock.advance(1);
    editor.type('b');
    const third = editor.ask();
    (await model.nextCall()).answer('foo();');
    expect(suggestionOf(await third).text).toBe('foo();');
    expect(editor.client.state()).toMatchObject({ kind: 'local' });
    expect(editor.server.calls).toHaveLength(2);
  });

  it('while the server is known to be away, leaves the keystroke to the server', async () => {
    const { editor, model } = await openOffline('x = █');
    const asked = editor.ask();
    (await model.nextCall()).fail();
    (await editor.server.nextCall()).answer('foo();');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'foo();', source: 'network' });
  });

  it('is tried again after a reset', async () => {
    const { editor, model } = await openOffline('x = █');
    void editor.ask();
    (await model.nextCall()).fail();
    await editor.clock.settle();
    editor.client.reset();
    const asked = editor.ask({ trigger: 'manual' });
    await editor.clock.settle();
    editor.server.calls.at(-1)!.fail(failure('unreachable'));
    (await model.nextCall()).answer('foo();');
    expect(suggestionOf(await asked).text).toBe('foo();');
  });
});

describe('the embedded model', () => {
  it('completes what repeats, without any server', async () => {
    const localModel: LocalModel = {
      complete: async (request) => answerTask({ id: 1, request }).candidates,
    };
    const written = [
      'export function first() {',
      "  logger.info('starting the first application');",
      '}',
      'export function second() {',
      '  logger.█',
      '}',
      '',
    ].join('\n');
    const editor = openEditor(written, { localModel, settings: () => ({ delayMs: 0 }) });
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure('unreachable'));
    const suggestion = suggestionOf(await asked);
    expect(suggestion).toMatchObject({ source: 'local', model: 'ngram' });
    expect(suggestion.text).toMatch(/^info\(/);
  });
});
