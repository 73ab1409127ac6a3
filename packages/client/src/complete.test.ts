import { describe, expect, it } from 'vitest';
import { drawAccepted } from './testing/draw.ts';
import { openEditor, suggestionOf, suggestionsOf } from './testing/editor.ts';
import { TransportError } from './transport/error.ts';
import type { ClientFailure, ClientState, Outcome } from './types.ts';

/** Suggests `text` at the drawn cursor and shows it. */
async function suggesting(drawing: string, text: string) {
  const editor = openEditor(drawing);
  const asked = editor.ask();
  (await editor.server.nextCall()).answer(text);
  const suggestion = suggestionOf(await asked);
  editor.client.shown(suggestion, 'inferred');
  return { editor, suggestion };
}

describe('asking', () => {
  it('sends the text around the cursor and answers with what the server streams', async () => {
    const editor = openEditor('const a = 1;\nconst b = █\nexport { b };\n');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    expect(call.request).toMatchObject({
      prefix: 'const a = 1;\nconst b = ',
      suffix: '\nexport { b };\n',
      language: 'typescript',
      path: 'a.ts',
      trigger: 'automatic',
      sequence: 1,
      client: { name: 'test' },
    });
    call.answer('a + 1;');
    const suggestion = suggestionOf(await asked);
    expect(suggestion).toMatchObject({ text: 'a + 1;', source: 'network', model: 'scripted', complete: true });
    expect(drawAccepted(editor.document, suggestion)).toBe('const a = 1;\nconst b = a + 1;█\nexport { b };\n');
  });

  it('numbers the requests of one session upwards', async () => {
    const editor = openEditor('a█');
    void editor.ask();
    const first = await editor.server.nextCall();
    editor.jump('b█');
    void editor.ask();
    const second = await editor.server.nextCall();
    expect(second.request.session_id).toBe(first.request.session_id);
    expect(second.request.sequence).toBeGreaterThan(first.request.sequence!);
  });

  it('sends related lines of open documents, but none of excluded files and no secrets', async () => {
    const editor = openEditor('const user = loadUser(█', {
      settings: () => ({ delayMs: 0, exclude: ['private/**'] }),
    });
    const token = `ghp_${'a1B2c3D4'.repeat(5)}`;
    const open = [
      { path: 'users.ts', text: `export function loadUser(id) {}\nconst t = '${token}';` },
      { path: 'private/users.ts', text: 'export function loadUser(secret) {}' },
      { path: '.env', text: 'user=loadUser' },
      { path: 'other.ts', text: 'nothing in common' },
    ].map(({ path, text }) => ({ uri: `file:///${path}`, path, language: 'typescript', text }));
    void editor.ask({ open });
    const { request } = await editor.server.nextCall();
    expect(request.snippets?.map((snippet) => snippet.path)).toEqual(['users.ts']);
    expect(request.snippets?.[0]?.text).toContain('export function loadUser(id) {}');
    expect(request.snippets?.[0]?.text).not.toContain(token);
  });

  it('does not look at open documents when nothing is sent', async () => {
    const { editor } = await suggesting('foo(█', 'bar)');
    const query = { document: editor.document, trigger: 'automatic' as const, openDocuments: () => expect.fail() };
    expect(await editor.client.complete(query, AbortSignal.timeout(1000))).toMatchObject({ kind: 'suggested' });
  });

  it('answers `excluded` for an excluded file without a request', async () => {
    const editor = openEditor('a█', { settings: () => ({ exclude: ['a.ts'] }) });
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'excluded' });
    expect(['a.ts', '.env', 'b.ts'].map(editor.client.isExcluded)).toEqual([true, true, false]);
    expect(editor.server.calls).toHaveLength(0);
  });

  it('answers `no-cursor` for a cursor outside of the text or inside a character', async () => {
    const editor = openEditor('█');
    for (const document of [
      { ...editor.document, cursor: 1 },
      { ...editor.document, text: '😀', cursor: 1 },
    ]) {
      const query = { document, trigger: 'manual' as const, openDocuments: () => [] };
      expect(await editor.client.complete(query, AbortSignal.timeout(1000))).toEqual({
        kind: 'empty',
        reason: 'no-cursor',
      });
    }
  });

  it('passes on why an empty completion is empty', async () => {
    const editor = openEditor('a█');
    const asked = editor.ask();
    (await editor.server.nextCall()).done('shed');
    expect(await asked).toEqual({ kind: 'empty', reason: 'shed' });
  });

  it('says `trimmed` when everything suggested stands there already', async () => {
    const editor = openEditor('a█\nfoo();\n');
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('\nfoo();');
    expect(await asked).toEqual({ kind: 'empty', reason: 'trimmed' });
  });

  it('offers the alternatives when asked by hand, and one while typing', async () => {
    const editor = openEditor('x = █', { settings: () => ({ delayMs: 0, maxCandidates: 3 }) });
    void editor.ask();
    expect((await editor.server.nextCall()).request.max_candidates).toBeUndefined();
    const asked = editor.ask({ trigger: 'manual' });
    const call = await editor.server.nextCall();
    expect(call.request.max_candidates).toBe(3);
    for (const [index, text] of ['1;', '2;', '3;'].entries()) call.text(text, index);
    call.done();
    expect(suggestionsOf(await asked).map(({ text }) => text)).toEqual(['1;', '2;', '3;']);
  });

  it('announces alternatives that come after the first one', async () => {
    const editor = openEditor('x = █', { settings: () => ({ delayMs: 0, maxCandidates: 3 }) });
    const extended: string[] = [];
    editor.client.onExtended((viewId) => extended.push(viewId));
    const asked = editor.ask({ trigger: 'manual' });
    const call = await editor.server.nextCall();
    call.text('1;');
    call.finish();
    const first = suggestionOf(await asked);
    for (const index of [1, 2]) {
      call.text(`${index + 1};`, index);
      call.finish('stop', index);
    }
    call.done();
    await editor.clock.advance(1);
    expect(extended).toEqual([first.viewId]);
    expect(suggestionsOf(await editor.ask()).map(({ text }) => text)).toEqual(['1;', '2;', '3;']);
    expect(editor.server.calls).toHaveLength(1);
  });

  it('speaks the line breaks of the document', async () => {
    const editor = openEditor('if (a) {█\r\n}\r\n');
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('\n  b();\n  c();');
    await asked;
    expect(suggestionOf(await editor.ask()).text).toBe('\r\n  b();\r\n  c();');
  });
});

describe('an answer without text', () => {
  it('is not asked for again at the same place, unless by hand', async () => {
    const editor = openEditor('a█');
    const asked = editor.ask();
    (await editor.server.nextCall()).done('silent');
    expect(await asked).toEqual({ kind: 'empty', reason: 'silent' });
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'silent' });
    expect(editor.server.calls).toHaveLength(1);
    void editor.ask({ trigger: 'manual' });
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('is asked for again when the server was only too busy, or the document has changed', async () => {
    const editor = openEditor('a█');
    for (const reason of ['shed', 'silent'] as const) {
      const asked = editor.ask();
      (await editor.server.nextCall()).done(reason);
      await asked;
    }
    editor.type('b');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(3);
  });

  it('does not push out what can be shown again', async () => {
    const { editor } = await suggesting('x = █', 'answer;');
    for (let i = 0; i < 100; i++) {
      editor.jump(`silent${i}█`);
      const asked = editor.ask();
      (await editor.server.nextCall()).done();
      await asked;
    }
    editor.jump('x = █');
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'answer;', source: 'cache' });
  });
});

describe('a hostile or broken server', () => {
  it('cannot offer alternatives nobody asked for', async () => {
    const editor = openEditor('x = █');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('1;', 7);
    call.finish('stop', 7);
    call.text('2;');
    call.finish();
    call.done();
    expect(suggestionsOf(await asked).map(({ text }) => text)).toEqual(['2;']);
  });

  it('is left when a choice has no end', async () => {
    const editor = openEditor('x = █');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    for (let i = 0; i < 17; i++) call.text('x'.repeat(1024));
    expect(await asked).toMatchObject({ kind: 'failed', failure: { reason: 'protocol' } });
    await editor.clock.settle();
    expect(call.aborted).toBe(true);
  });

  it.each(['\u0000', '\u001b', '\u202e', '\u2066', '\ud83d', '\ude42'])(
    'offers no line with %j, nor what follows',
    async (char) => {
      const editor = openEditor('█');
      const asked = editor.ask();
      (await editor.server.nextCall()).answer(`a();\nb(${char});\nc();`);
      expect(suggestionOf(await asked).text).toBe('a();');
      editor.jump('x█');
      const again = editor.ask();
      (await editor.server.nextCall()).answer(`a${char}b`);
      expect(await again).toMatchObject({ kind: 'empty' });
    },
  );

  it('may cut a character in two between its texts, but not at the end', async () => {
    const editor = openEditor('"█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    for (const text of ['\ud83d', '\ude42', '\ud83d']) call.text(text);
    call.finish();
    call.done();
    expect(suggestionOf(await asked).text).toBe('🙂');
  });
});

describe('a stream', () => {
  it('is shown as soon as its first line stands, and announces the rest', async () => {
    const editor = openEditor('function f() {█\n}');
    const extended: string[] = [];
    editor.client.onExtended((viewId) => extended.push(viewId));
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('\n  const a');
    call.text(' = 1;\n  ret');
    const first = suggestionOf(await asked);
    expect(first).toMatchObject({ text: '\n  const a = 1;', complete: false });
    call.text('urn a;');
    call.finish();
    await editor.clock.advance(0);
    expect(extended).toEqual([]);
    call.done();
    await editor.clock.advance(0);
    expect(extended).toEqual([first.viewId]);
    const longer = suggestionOf(await editor.ask());
    expect(longer).toMatchObject({ viewId: first.viewId, text: '\n  const a = 1;\n  return a;', complete: true });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('shows no first line in front of code before it is known to be the only one', async () => {
    const editor = openEditor('compute(alpha, b█, gamma)');
    const asked = editor.ask({ trigger: 'manual' });
    const call = await editor.server.nextCall();
    call.text('eta,\n');
    await editor.clock.settle();
    expect(editor.client.state()).toEqual({ kind: 'thinking' });
    call.text('  delta');
    call.finish();
    call.done();
    expect(await asked).toEqual({ kind: 'empty', reason: 'trimmed' });
  });

  it('announces nothing when nothing was added', async () => {
    const editor = openEditor('a = █');
    const extended: string[] = [];
    editor.client.onExtended((viewId) => extended.push(viewId));
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('1;\n');
    await asked;
    call.finish();
    call.done();
    await editor.clock.advance(0);
    expect(extended).toEqual([]);
  });

  it('goes on while its first line is typed, and then shows what came next', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('a;\nb');
    editor.client.shown(suggestionOf(await asked), 'inferred');
    editor.type('a;');
    const next = editor.ask();
    await editor.clock.settle();
    call.text(';\nc');
    expect(suggestionOf(await next)).toMatchObject({ text: '\nb;', source: 'inflight' });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('never takes back what is on screen', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('a();\n');
    const suggestion = suggestionOf(await asked);
    call.text("b('~redacted~redacted');");
    call.finish();
    call.done();
    await editor.clock.advance(0);
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'a();', complete: true });
  });

  it('that breaks after the first line leaves that line on screen and says offline', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('a;\nb');
    const suggestion = suggestionOf(await asked);
    call.fail(failure('protocol'));
    await editor.clock.settle();
    expect(editor.client.state()).toMatchObject({ kind: 'offline' });
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'a;', complete: true });
  });

  it('without a start event is refused', async () => {
    const editor = openEditor('█', {
      transport: {
        async *complete() {
          yield { event: 'delta', data: { index: 0, text: 'a' } };
        },
        sendTelemetry: () => expect.fail(),
        check: () => expect.fail(),
      },
    });
    expect(await editor.ask()).toMatchObject({ kind: 'failed', failure: { reason: 'protocol' } });
  });
});

describe('typing as suggested', () => {
  it('shortens the suggestion without a request and keeps its view', async () => {
    const { editor, suggestion } = await suggesting('const x = █', 'foo();');
    editor.type('fo');
    const rest = suggestionOf(await editor.ask());
    expect(rest).toMatchObject({ viewId: suggestion.viewId, text: 'o();', source: 'typed' });
    expect(drawAccepted(editor.document, rest)).toBe('const x = foo();█');
    expect(editor.server.calls).toHaveLength(1);
  });

  it('goes back with the backspace key', async () => {
    const { editor, suggestion } = await suggesting('const x = █', 'foo();');
    editor.type('fo');
    await editor.ask();
    editor.backspace();
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'oo();' });
  });

  it('works through brackets that the editor closes and that are typed over', async () => {
    const { editor, suggestion } = await suggesting('foo█\n', '(bar);');
    editor.typeClosed('(', ')');
    expect(editor.drawing).toBe('foo(█)\n');
    const inside = suggestionOf(await editor.ask());
    expect(inside).toMatchObject({ viewId: suggestion.viewId, text: 'bar);', range: { start: 4, end: 5 } });
    expect(drawAccepted(editor.document, inside)).toBe('foo(bar);█\n');
    editor.type('bar');
    expect(drawAccepted(editor.document, suggestionOf(await editor.ask()))).toBe('foo(bar);█\n');
    editor.typeOver(')');
    const after = suggestionOf(await editor.ask());
    expect(after).toMatchObject({ text: ';', viewId: suggestion.viewId });
    expect(drawAccepted(editor.document, after)).toBe('foo(bar);█\n');
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is over when what remains stands after the cursor', async () => {
    const { editor } = await suggesting('foo█', '(bar)');
    editor.typeClosed('(', ')');
    editor.type('bar');
    expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'trimmed' });
  });

  it('asks anew when something else is typed', async () => {
    const { editor } = await suggesting('const x = █', 'foo();');
    editor.type('b');
    void editor.ask();
    expect((await editor.server.nextCall()).request.prefix).toBe('const x = b');
  });

  it('asks anew when the text after the cursor has changed', async () => {
    const { editor } = await suggesting('const x = █\nfoo', 'foo();');
    editor.jump('const x = █\nbar');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('keeps the alternative that is looked at first', async () => {
    const editor = openEditor('x = █', { settings: () => ({ maxCandidates: 2 }) });
    const asked = editor.ask({ trigger: 'manual' });
    const call = await editor.server.nextCall();
    call.text('one;', 0);
    call.text('only;', 1);
    call.done();
    const [, second] = suggestionsOf(await asked);
    editor.client.shown(second!, 'inferred');
    editor.type('on');
    expect(suggestionsOf(await editor.ask()).map(({ text }) => text)).toEqual(['ly;', 'e;']);
  });
});

describe('the completion cache', () => {
  it('answers again after an undo, and after the cursor came back', async () => {
    const { editor, suggestion } = await suggesting('const x = █', 'foo();');
    editor.type('b');
    void editor.ask();
    (await editor.server.nextCall()).answer('ar();');
    editor.backspace();
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'foo();', source: 'cache' });
    editor.type('fo');
    editor.client.dismissed(suggestion.viewId, 'ignored', 'inferred');
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'o();', source: 'cache' });
  });

  it('does not hold what was cut off', async () => {
    const editor = openEditor('a = █');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('1 + ');
    call.finish('length');
    call.done();
    const suggestion = suggestionOf(await asked);
    editor.client.dismissed(suggestion.viewId, 'ignored', 'inferred');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('shows whole lines only of what the server has filtered, and nothing where there is none', async () => {
    for (const [said, shown] of [
      ['f();\n  const key = "gh', { kind: 'suggested', suggestions: [{ text: 'f();' }] }],
      ['const key = "gh', { kind: 'empty' }],
    ] as const) {
      const editor = openEditor('if (a) {\n  █\n}');
      const asked = editor.ask();
      const call = await editor.server.nextCall();
      call.text(said);
      call.finish('filtered');
      call.done();
      expect(await asked).toMatchObject(shown);
    }
  });

  it('is not asked about another document with the same text', async () => {
    const { editor } = await suggesting('a = █', '1;');
    editor.jump('a = █', 'file:///b.ts');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('is empty after a reset', async () => {
    const { editor } = await suggesting('a = █', '1;');
    editor.client.reset();
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });
});

describe('a request under way', () => {
  it('survives the cancellation of a keystroke that agrees with it', async () => {
    const editor = openEditor('a = █');
    const cancelled = editor.ask();
    const call = await editor.server.nextCall();
    editor.type('f');
    expect(await cancelled).toEqual({ kind: 'cancelled', reason: 'editor' });
    await editor.clock.advance(50);
    const asked = editor.ask();
    await editor.clock.advance(1000);
    expect(call.aborted).toBe(false);
    call.answer('foo();');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'oo();', source: 'inflight' });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is aborted when nobody joins it in time', async () => {
    const editor = openEditor('a = █');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.cancel();
    await editor.clock.advance(149);
    expect(call.aborted).toBe(false);
    await editor.clock.advance(1);
    expect(call.aborted).toBe(true);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('is aborted at once by a question it cannot answer', async () => {
    const editor = openEditor('a = █');
    const first = editor.ask();
    const call = await editor.server.nextCall();
    call.text('foo');
    await editor.clock.settle();
    editor.type('b');
    void editor.ask();
    await editor.server.nextCall();
    expect(call.aborted).toBe(true);
    expect(await first).toEqual({ kind: 'cancelled', reason: 'editor' });
  });

  it('is left for a new one when its answer disagrees with what was typed meanwhile', async () => {
    const editor = openEditor('a = █');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.type('b');
    const asked = editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(1);
    call.text('f');
    const second = await editor.server.nextCall();
    expect(call.aborted).toBe(true);
    second.answer('ar();');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'ar();', source: 'network' });
  });

  it('ends the call before it when the editor asks again without cancelling', async () => {
    const editor = openEditor('a = █');
    const first = editor.ask();
    await editor.server.nextCall();
    const second = editor.ask();
    expect(await first).toEqual({ kind: 'cancelled', reason: 'superseded' });
    editor.server.calls[0]!.answer('1;');
    expect(suggestionOf(await second).text).toBe('1;');
  });

  it('is aborted when the client is disposed of', async () => {
    const editor = openEditor('a = █');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    editor.client.dispose();
    expect(await asked).toEqual({ kind: 'cancelled', reason: 'disposed' });
    await editor.clock.settle();
    expect(call.aborted).toBe(true);
    expect(await editor.ask()).toEqual({ kind: 'cancelled', reason: 'disposed' });
  });
});

describe('pace', () => {
  it('sends one request for a burst of keystrokes', async () => {
    const editor = openEditor('█', { settings: () => ({ pace: 'calm' }) });
    const outcomes: Promise<Outcome>[] = [];
    for (const char of 'const') {
      editor.type(char);
      outcomes.push(editor.ask());
      await editor.clock.advance(60);
    }
    expect(editor.server.calls).toHaveLength(0);
    await editor.clock.advance(150);
    expect(editor.server.calls.map(({ request }) => request.prefix)).toEqual(['const']);
    expect(await Promise.all(outcomes.slice(0, -1))).toEqual(
      Array.from({ length: 4 }, () => ({ kind: 'cancelled', reason: 'editor' })),
    );
  });

  it('does not hold back who asks by hand', async () => {
    const editor = openEditor('█', { settings: () => ({ delayMs: 1000 }) });
    void editor.ask({ trigger: 'manual' });
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(1);
  });
});

describe('the state', () => {
  it('thinks while waiting and is ready afterwards, and says each change once', async () => {
    const editor = openEditor('█');
    const states: ClientState['kind'][] = [];
    editor.client.onStateChange((state) => states.push(state.kind));
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('a;');
    await asked;
    expect(states).toEqual(['thinking', 'ready']);
  });

  it('is offline with the reason until the server answers again', async () => {
    const editor = openEditor('█');
    const states: ClientState[] = [];
    editor.client.onStateChange((state) => states.push(state));
    for (const char of 'abc') {
      editor.type(char);
      const asked = editor.ask();
      (await editor.server.nextCall()).fail(failure('unreachable'));
      expect(await asked).toMatchObject({ kind: 'failed', failure: { reason: 'unreachable' } });
    }
    editor.type('d');
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('e');
    await asked;
    expect(states.map(({ kind }) => kind)).toEqual(['thinking', 'offline', 'thinking', 'ready']);
    expect(states[1]).toMatchObject({ failure: { reason: 'unreachable' } });
  });

  it('stays ready when a single request was rejected', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure('rejected'));
    expect(await asked).toMatchObject({ kind: 'failed', failure: { reason: 'rejected' } });
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('sends nothing by itself while the server asks for patience', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure('rate-limited', 5000));
    await asked;
    editor.type('a');
    expect(await editor.ask()).toMatchObject({ kind: 'failed', failure: { reason: 'rate-limited' } });
    expect(editor.server.calls).toHaveLength(1);
    await editor.clock.advance(5000);
    editor.type('b');
    void editor.ask();
    await editor.clock.settle();
    expect(editor.server.calls).toHaveLength(2);
  });
});

describe('a look for the server', () => {
  it('tells before anything is asked, and nothing more while all is well', async () => {
    const editor = openEditor('█');
    editor.client.check();
    await editor.clock.advance(600_000);
    expect(editor.server.checks).toBe(1);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    editor.server.checkFailure = failure('unauthenticated');
    editor.client.check();
    await editor.clock.advance(600_000);
    expect(editor.server.checks).toBe(2);
    expect(editor.client.state()).toMatchObject({ kind: 'offline', failure: { reason: 'unauthenticated' } });
  });

  it('is repeated, less and less often, until the server is back', async () => {
    const editor = openEditor('█');
    editor.server.checkFailure = failure('unreachable');
    const asked = editor.ask();
    (await editor.server.nextCall()).fail(failure('unreachable'));
    await asked;
    const times: number[] = [];
    for (let second = 1; second <= 200; second++) {
      const before = editor.server.checks;
      await editor.clock.advance(1000);
      if (editor.server.checks > before) times.push(second);
    }
    expect(times).toEqual([5, 15, 35, 75, 135, 195]);
    editor.server.checkFailure = undefined;
    await editor.clock.advance(60_000);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    await editor.clock.advance(600_000);
    expect(editor.server.checks).toBe(7);
  });

  it('is not needed any more once the server has answered, be it with a refusal', async () => {
    const editor = openEditor('█');
    for (const end of ['unreachable', 'rejected'] as const) {
      const asked = editor.ask();
      (await editor.server.nextCall()).fail(failure(end));
      await asked;
    }
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    await editor.clock.advance(600_000);
    expect(editor.server.checks).toBe(0);
  });

  it('ends with a reset and with the client', async () => {
    for (const end of ['reset', 'dispose'] as const) {
      const editor = openEditor('█');
      editor.server.checkFailure = failure('unreachable');
      editor.client.check();
      await editor.clock.settle();
      editor.client[end]();
      await editor.clock.advance(600_000);
      expect(editor.server.checks).toBe(1);
    }
  });
});

describe('traces', () => {
  it('see every event of a stream and how it ended', async () => {
    const seen: string[] = [];
    const editor = openEditor('█', {
      onStreamEvent: ({ event }) => seen.push(event),
      onStreamEnd: (failure) => seen.push(failure ? failure.reason : 'end'),
    });
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('a');
    await asked;
    expect(seen).toEqual(['start', 'delta', 'finish', 'done', 'end']);
  });
});

function failure(reason: ClientFailure['reason'], retryAfterMs?: number) {
  return new TransportError({
    reason,
    detail: reason,
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
