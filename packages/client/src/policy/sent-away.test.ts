import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf } from '../testing/editor.ts';

/** A suggestion that has just been sent away with Escape. */
async function dismissed(drawing: string, text: string) {
  const editor = openEditor(drawing);
  const asked = editor.ask();
  (await editor.server.nextCall()).answer(text);
  const suggestion = suggestionOf(await asked);
  editor.client.shown(suggestion, 'measured');
  editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
  return editor;
}

describe('a suggestion sent away by hand', () => {
  it('does not come back while the user types what it says', async () => {
    const editor = await dismissed('x = █', 'foo(bar);');
    for (const key of 'foo(') {
      editor.type(key);
      expect(await editor.ask()).toEqual({ kind: 'empty', reason: 'dismissed' });
    }
    expect(editor.server.calls).toHaveLength(1);
  });

  it('comes back when the user asks by hand, and along with what is typed then', async () => {
    const editor = await dismissed('x = █', 'foo(bar);');
    editor.type('fo');
    expect(suggestionOf(await editor.ask({ trigger: 'manual' })).text).toBe('o(bar);');
    editor.type('o');
    expect(suggestionOf(await editor.ask()).text).toBe('(bar);');
  });

  it('is forgotten as soon as something else is typed', async () => {
    const editor = await dismissed('x = █', 'foo(bar);');
    editor.type('fi');
    void editor.ask();
    expect((await editor.server.nextCall()).request.prefix).toBe('x = fi');
    editor.backspace();
    editor.type('o');
    expect(suggestionOf(await editor.ask()).text).toBe('o(bar);');
  });

  it('does not stand in the way of what comes after it', async () => {
    const editor = await dismissed('x = █', 'foo();');
    editor.type('foo();');
    void editor.ask();
    expect((await editor.server.nextCall()).request.prefix).toBe('x = foo();');
  });

  it('is no other one: to leave it, or to type past it, keeps it', async () => {
    const editor = openEditor('x = █');
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('foo();');
    const { viewId } = suggestionOf(await asked);
    editor.client.dismissed(viewId, 'ignored', 'inferred');
    editor.type('f');
    expect(suggestionOf(await editor.ask()).text).toBe('oo();');
  });
});
