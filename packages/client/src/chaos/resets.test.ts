/** What changes while a question is under way. */
import { describe, expect, it } from 'vitest';
import { openEditor } from '../testing/editor.ts';
import { createScriptedLocalModel } from '../testing/scripted-local-model.ts';
import { unreachable } from '../transport/failures.ts';
import type { ClientSettings } from '../types.ts';

const AWAY = unreachable({ url: 'http://nowhere', setting: 'test' }, new Error('ECONNREFUSED'));

describe('a file that is excluded while the local model is asked about it', () => {
  it('is not sent when the local model fails', async () => {
    let settings: ClientSettings = { delayMs: 0 };
    const localModel = createScriptedLocalModel();
    const editor = openEditor('const a = █', { localModel, settings: () => settings });
    const first = editor.ask();
    (await editor.server.nextCall()).fail(AWAY);
    (await localModel.nextCall()).answer();
    await first;

    editor.jump('const b = █');
    const second = editor.ask();
    const asked = await localModel.nextCall();
    settings = { delayMs: 0, exclude: ['*.ts'] };
    editor.client.reset();
    asked.fail();
    expect(await second).toEqual({ kind: 'empty', reason: 'excluded' });
    expect(editor.server.calls).toHaveLength(1);
  });
});
