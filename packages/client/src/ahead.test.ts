import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf } from './testing/editor.ts';
import { TransportError } from './transport/error.ts';
import type { ClientSettings } from './types.ts';

const READ_MS = 250;

function open(drawing: string, settings: ClientSettings = {}) {
  return openEditor(drawing, { settings: () => ({ delayMs: 0, multiline: 'auto', ...settings }) });
}

type Editor = ReturnType<typeof open>;

/** The suggestion that the server's answer makes, on screen for as long as it takes to read. */
async function read(editor: Editor, text: string) {
  const asked = editor.ask();
  await editor.clock.settle();
  const call = editor.server.calls.at(-1)!;
  call.answer(text);
  await asked;
  const suggestion = suggestionOf(await editor.ask());
  editor.client.shown(suggestion, 'measured');
  await editor.clock.advance(READ_MS);
  return { call, suggestion };
}

/** A user who takes what is offered. */
async function trusting(settings: ClientSettings = {}) {
  const editor = open('a = █', settings);
  for (let line = 0; line < 30; line++) {
    const { suggestion } = await read(editor, `f${line}(x);`);
    editor.accept(suggestion);
    editor.jump('a = █', `file:///${line}.ts`);
    await editor.clock.advance(2000);
  }
  return editor;
}

const speculative = (editor: Editor) => editor.server.calls.filter(({ request }) => request.trigger === 'speculative');

describe('lines behind the one that is shown', () => {
  it('are read with it, and are the next suggestions without another request', async () => {
    const editor = open('█');
    const { call, suggestion } = await read(editor, 'first();\nsecond();\nthird();');
    expect(call.request).toMatchObject({ multiline: 'always', max_tokens: 64 });
    expect(suggestion).toMatchObject({ text: 'first();', complete: true });
    editor.accept(suggestion);
    const next = suggestionOf(await editor.ask());
    expect(next).toMatchObject({ text: '\nsecond();', source: 'cache' });
    editor.accept(next);
    expect(suggestionOf(await editor.ask()).text).toBe('\nthird();');
    expect(editor.server.calls).toHaveLength(1);
  });

  it('are waited for when they are not there yet', async () => {
    const editor = open('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('first();\nsec');
    const first = suggestionOf(await asked);
    editor.accept(first);
    const next = editor.ask();
    await editor.clock.settle();
    call.text('ond();\n');
    expect(suggestionOf(await next)).toMatchObject({ text: '\nsecond();', source: 'inflight' });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('are there after Enter, too', async () => {
    const editor = open('  █');
    await read(editor, 'first();\n  second();');
    editor.type('first();');
    editor.insert('\n  ');
    expect(suggestionOf(await editor.ask()).text).toBe('second();');
    expect(editor.server.calls).toHaveLength(1);
  });

  it('that the budget cut are not taken for whole', async () => {
    const editor = open('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('first();\nsecond();\nthi');
    call.finish('length');
    call.done();
    const first = suggestionOf(await asked);
    await editor.clock.settle();
    editor.accept(first);
    const second = suggestionOf(await editor.ask());
    expect(second).toMatchObject({ text: '\nsecond();', source: 'cache' });
    editor.accept(second);
    void editor.ask();
    expect((await editor.server.nextCall()).request.prefix).toBe('first();\nsecond();');
  });

  it('are not asked for when the user wants nothing ahead', async () => {
    const editor = open('█', { ahead: false });
    const { call } = await read(editor, 'first();');
    expect(call.request).toMatchObject({ multiline: 'never' });
    expect(call.request.max_tokens).toBeUndefined();
  });
});

describe('a block', () => {
  it('is shown whole where one was opened', async () => {
    const editor = open('if (a) {█\n}\n');
    const { call, suggestion } = await read(editor, '\n  b();\n  c();');
    expect(call.request).toMatchObject({ multiline: 'always' });
    expect(call.request.max_tokens).toBeUndefined();
    expect(suggestion.text).toBe('\n  b();\n  c();');
  });

  it('is still there when Enter moved its bracket to a line of its own', async () => {
    const editor = open('if (a) {█}', { multiline: 'always' });
    const { suggestion } = await read(editor, '\n  b();\n  c();\n}');
    expect(suggestion.text).toBe('\n  b();\n  c();\n}');
    editor.typeClosed('\n  ', '\n');
    expect(editor.drawing).toBe('if (a) {\n  █\n}');
    const rest = suggestionOf(await editor.ask());
    expect(rest).toMatchObject({ text: 'b();\n  c();', source: 'cache' });
    editor.accept(rest);
    expect(editor.drawing).toBe('if (a) {\n  b();\n  c();█\n}');
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is still there when Enter moved the end of its element to a line of its own', async () => {
    const editor = open('<ul>█</ul>', { multiline: 'always' });
    const { suggestion } = await read(editor, '\n  <li>a</li>\n</ul>');
    expect(suggestion.text).toBe('\n  <li>a</li>\n</ul>');
    editor.typeClosed('\n  ', '\n');
    const rest = suggestionOf(await editor.ask());
    expect(rest).toMatchObject({ text: '<li>a</li>', source: 'cache' });
    editor.accept(rest);
    expect(editor.drawing).toBe('<ul>\n  <li>a</li>█\n</ul>');
    expect(editor.server.calls).toHaveLength(1);
  });
});

describe('what comes after a suggestion', () => {
  it('is asked ahead for, once the user accepts most of what is offered', async () => {
    const editor = await trusting();
    const before = speculative(editor).length;
    const { suggestion } = await read(editor, 'last(x);');
    const calls = speculative(editor);
    expect(calls).toHaveLength(before + 1);
    expect(calls.at(-1)!.request.prefix.endsWith('a = last(x);')).toBe(true);
    calls.at(-1)!.answer('\nnext();');
    await editor.clock.settle();
    const asked = editor.server.calls.length;
    editor.accept(suggestion);
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: '\nnext();', source: 'cache' });
    expect(editor.server.calls).toHaveLength(asked);
  });

  it('is waited for when it was accepted sooner', async () => {
    const editor = await trusting();
    const { suggestion } = await read(editor, 'last(x);');
    const call = speculative(editor).at(-1)!;
    const asked = editor.server.calls.length;
    editor.accept(suggestion);
    const next = editor.ask();
    await editor.clock.settle();
    call.answer('\nnext();');
    expect(suggestionOf(await next)).toMatchObject({ text: '\nnext();', source: 'inflight' });
    expect(call.aborted).toBe(false);
    expect(editor.server.calls).toHaveLength(asked);
  });

  it('is given up at once when something else is typed', async () => {
    const editor = await trusting();
    await read(editor, 'last(x);');
    const call = speculative(editor).at(-1)!;
    expect(call.aborted).toBe(false);
    editor.type('z');
    void editor.ask();
    await editor.clock.settle();
    expect(call.aborted).toBe(true);
  });

  it('is kept while the user types along', async () => {
    const editor = await trusting();
    await read(editor, 'last(x);');
    const call = speculative(editor).at(-1)!;
    const asked = editor.server.calls.length;
    for (const key of 'last') {
      editor.type(key);
      await editor.ask();
      await editor.clock.advance(100);
    }
    expect(call.aborted).toBe(false);
    expect(editor.server.calls).toHaveLength(asked);
  });

  it('is asked ahead for when a block that was still coming has come to its end, and was read', async () => {
    const editor = await trusting({ multiline: 'always' });
    const before = speculative(editor).length;
    const asked = editor.ask();
    await editor.clock.settle();
    const call = editor.server.calls.at(-1)!;
    call.text('last(\n  x,\n');
    editor.client.shown(suggestionOf(await asked), 'measured');
    await editor.clock.advance(2 * READ_MS);
    call.text(');');
    call.finish('stop');
    call.done();
    await editor.clock.settle();
    editor.client.shown(suggestionOf(await editor.ask()), 'measured');
    await editor.clock.advance(READ_MS - 1);
    expect(speculative(editor)).toHaveLength(before);
    await editor.clock.advance(1);
    expect(speculative(editor)).toHaveLength(before + 1);
    expect(speculative(editor).at(-1)!.request.prefix.endsWith('a = last(\n  x,\n);')).toBe(true);
  });

  it('is not asked for before the suggestion was read, nor by who ignores most of them', async () => {
    const editor = await trusting();
    const before = speculative(editor).length;
    const asked = editor.ask();
    await editor.clock.settle();
    editor.server.calls.at(-1)!.answer('last(x);');
    await asked;
    await editor.clock.advance(READ_MS - 1);
    expect(speculative(editor)).toHaveLength(before);

    const stranger = open('a = █');
    await read(stranger, 'f(x);');
    expect(speculative(stranger)).toHaveLength(0);
  });

  it('is not asked for where the editor does not show the suggestion', async () => {
    const editor = await trusting();
    const before = speculative(editor).length;
    const asked = editor.ask();
    await editor.clock.settle();
    editor.server.calls.at(-1)!.answer('last(x);');
    expect((await asked).kind).toBe('suggested');
    await editor.clock.advance(READ_MS);
    expect(speculative(editor)).toHaveLength(before);
  });

  it('is not asked for while the server wants to be left alone', async () => {
    const editor = await trusting();
    const { suggestion } = await read(editor, 'last(x);');
    const before = speculative(editor).length;
    editor.jump('b = █', 'file:///busy.ts');
    const refused = editor.ask();
    await editor.clock.settle();
    const detail = 'Too many requests.';
    editor.server.calls
      .at(-1)!
      .fail(new TransportError({ reason: 'rate-limited', detail, retryable: true, retryAfterMs: 60_000 }));
    expect((await refused).kind).toBe('failed');
    editor.jump('a = █', 'file:///29.ts');
    const again = suggestionOf(await editor.ask());
    expect(again).toMatchObject({ text: suggestion.text, source: 'cache' });
    editor.client.shown(again, 'measured');
    await editor.clock.advance(READ_MS);
    expect(speculative(editor)).toHaveLength(before);
  });

  it('is not asked for when the file is to stay in the editor meanwhile', async () => {
    const exclude: string[] = [];
    const editor = await trusting({ exclude });
    const before = speculative(editor).length;
    const asked = editor.ask();
    await editor.clock.settle();
    editor.server.calls.at(-1)!.answer('last(x);');
    editor.client.shown(suggestionOf(await asked), 'measured');
    exclude.push('a.ts');
    await editor.clock.advance(READ_MS);
    expect(speculative(editor)).toHaveLength(before);
  });

  it('is not asked for again where nothing comes after it', async () => {
    const editor = await trusting();
    const { suggestion } = await read(editor, 'last(x);');
    const calls = speculative(editor);
    calls.at(-1)!.done('silent');
    await editor.clock.settle();
    editor.client.dismissed(suggestion.viewId, 'ignored', 'measured');
    const again = suggestionOf(await editor.ask());
    expect(again).toMatchObject({ text: suggestion.text, source: 'cache' });
    editor.client.shown(again, 'measured');
    await editor.clock.advance(READ_MS);
    expect(speculative(editor)).toHaveLength(calls.length);
  });

  it('is not asked for by those who want a calm pace, or nothing ahead', async () => {
    expect(speculative(await trusting({ pace: 'calm' }))).toHaveLength(0);
    expect(speculative(await trusting({ ahead: false }))).toHaveLength(0);
  });
});

describe('a request under way', () => {
  it('is ended by the very change that takes its text away, without waiting for the next question', async () => {
    const editor = open('const a = █');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.backspace(2);
    expect(call.aborted).toBe(true);
  });

  it('is not ended by what is typed at its cursor, nor by another document', async () => {
    const editor = open('const a = █');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.type('f');
    editor.client.changed({ uri: 'file:///b.ts', offset: 0, deleted: 5, inserted: '' });
    expect(call.aborted).toBe(false);
  });

  it.each([
    ['an entry of IntelliSense takes the place of the word typed of it', 5, 3, 'console', false],
    ['another word takes its place', 5, 3, 'const', false],
    ['a word that begins otherwise does', 5, 3, 'window', true],
    ['a word is written again that stands before it', 0, 4, 'a = ', false],
    ['that word is another', 0, 4, 'bc =', true],
  ])('knows whether its text still stands when %s', async (_, offset, deleted, inserted, isEnded) => {
    const editor = open('a = (con█');
    void editor.ask();
    const call = await editor.server.nextCall();
    editor.client.changed({ uri: editor.document.uri, offset, deleted, inserted });
    expect(call.aborted).toBe(isEnded);
  });
});
