import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import { createScriptedLocalModel } from '../testing/scripted-local-model.ts';

type Editor = ReturnType<typeof openEditor>;

/** Asks, and gives what the question held besides the text around the cursor. */
async function ask(editor: Editor, answer: () => Promise<void>): Promise<WeakRef<object>> {
  const openDocuments = () => [];
  const query = { document: editor.document, trigger: 'automatic' as const, openDocuments };
  const asked = editor.client.complete(query, new AbortController().signal);
  await answer();
  expect(suggestionOf(await asked).text).toBe('foo();');
  return new WeakRef(openDocuments);
}

async function collectGarbage(editor: Editor): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 2; round++) {
    await editor.clock.advance(1_000);
    collect();
  }
}

describe('a remembered answer', () => {
  it('does not hold the documents that its question held', async () => {
    const editor = openEditor('x = █');
    const held = await ask(editor, async () => (await editor.server.nextCall()).answer('foo();'));
    editor.jump('y = █');
    const next = editor.ask();
    (await editor.server.nextCall()).answer('bar();');
    await next;
    await collectGarbage(editor);
    expect(held.deref()).toBeUndefined();
    editor.jump('x = █');
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'foo();', source: 'cache' });
  });

  it('of the local model does not, either', async () => {
    const localModel = createScriptedLocalModel();
    const editor = openEditor('x = █', { localModel });
    const held = await ask(editor, async () => {
      (await editor.server.nextCall()).done('use_local');
      (await localModel.nextCall()).answer('foo();');
    });
    editor.jump('y = █');
    const next = editor.ask();
    (await editor.server.nextCall()).answer('bar();');
    await next;
    await collectGarbage(editor);
    expect(held.deref()).toBeUndefined();
    editor.jump('x = █');
    const again = editor.ask();
    (await editor.server.nextCall()).done('use_local');
    expect(suggestionOf(await again)).toMatchObject({ text: 'foo();', source: 'cache', model: 'ngram' });
  });
});
