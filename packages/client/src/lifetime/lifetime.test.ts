import { TelemetryEvent } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf, suggestionsOf } from '../testing/editor.ts';

const DWELL_MS = 250;
const SETTLE_MS = 1000;

async function showing(drawing: string, text: string, how: 'measured' | 'inferred' = 'inferred') {
  const editor = openEditor(drawing);
  const asked = editor.ask();
  (await editor.server.nextCall()).answer(text);
  await asked;
  const suggestion = suggestionOf(await editor.ask());
  editor.client.shown(suggestion, how);
  return { editor, suggestion };
}

async function read(drawing: string, text: string) {
  const shown = await showing(drawing, text);
  await shown.editor.clock.advance(DWELL_MS);
  return shown;
}

function types(events: readonly TelemetryEvent[]): string[] {
  return events.map(({ type }) => type.replace('completion-', ''));
}

describe('shown', () => {
  it('is counted after the dwell time, with what the server may know and no text', async () => {
    const { editor, suggestion } = await showing('x = █', 'secretName();\nb();', 'measured');
    await editor.clock.advance(DWELL_MS - 1);
    expect(editor.events).toEqual([]);
    await editor.clock.advance(1);
    expect(editor.events).toEqual([
      {
        type: 'completion-shown',
        event_id: expect.any(String),
        completion_id: suggestion.completionId,
        choice: 0,
        view_id: suggestion.viewId,
        time: new Date(editor.clock.now()).toISOString(),
        how: 'measured',
        language: 'typescript',
        chars: 'secretName();\nb();'.length,
        lines: 2,
        latency_ms: 0,
        trigger: 'automatic',
        source: 'typed',
      },
    ]);
    expect(TelemetryEvent.safeParse(editor.events[0]).success).toBe(true);
    expect(JSON.stringify(editor.events)).not.toContain('secretName');
  });

  it('is counted once, however often it is drawn again', async () => {
    const { editor } = await read('x = █', 'foo();');
    for (const key of 'fo') {
      editor.type(key);
      editor.client.shown(suggestionOf(await editor.ask()), 'inferred');
      await editor.clock.advance(DWELL_MS);
    }
    expect(types(editor.events)).toEqual(['shown']);
  });

  it('goes on dwelling while the user types along', async () => {
    const { editor } = await showing('x = █', 'foo();');
    await editor.clock.advance(200);
    editor.type('f');
    editor.client.shown(suggestionOf(await editor.ask()), 'inferred');
    await editor.clock.advance(50);
    expect(types(editor.events)).toEqual(['shown']);
  });

  it('leaves no trace when it was gone before it could be read', async () => {
    const { editor } = await showing('x = █', 'foo();');
    await editor.clock.advance(DWELL_MS - 1);
    editor.type('b');
    await editor.clock.advance(5000);
    expect(editor.events).toEqual([]);
  });

  it('is counted again when it comes back after its end', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
    await editor.clock.advance(SETTLE_MS);
    const again = suggestionOf(await editor.ask({ trigger: 'manual' }));
    expect(again.viewId).not.toBe(suggestion.viewId);
    editor.client.shown(again, 'inferred');
    await editor.clock.advance(DWELL_MS);
    expect(types(editor.events)).toEqual(['shown', 'rejected', 'shown']);
  });
});

describe('accepted', () => {
  it('is counted with the characters it brought, after what was typed along', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.type('fo');
    const rest = suggestionOf(await editor.ask());
    editor.client.shown(rest, 'inferred');
    await editor.clock.advance(750);
    editor.accept(rest);
    expect(editor.drawing).toBe('x = foo();█');
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
    expect(editor.events[1]).toMatchObject({
      view_id: suggestion.viewId,
      how: 'measured',
      chars: 6,
      lines: 1,
      accepted_chars: 4,
      after_s: 1,
    });
  });

  it('counts as shown, too, when it came before the dwell time', async () => {
    const { editor, suggestion } = await showing('foo(█)', 'bar);');
    editor.accept(suggestion);
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });

  it('is concluded when the whole text came at once and the command was lost', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.insert('foo();');
    await editor.clock.advance(SETTLE_MS);
    expect(editor.events.at(-1)).toMatchObject({ type: 'completion-accepted', how: 'inferred', accepted_chars: 6 });
    editor.client.accepted(suggestion.viewId, 'measured');
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });

  it('is not dismissed by the cursor moving with it', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.insert('foo();');
    editor.client.dismissed(suggestion.viewId, 'ignored', 'inferred');
    editor.client.accepted(suggestion.viewId, 'measured');
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });

  it('leaves the rest of a stream to a view of its own', async () => {
    const editor = openEditor('█');
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    call.text('a();\nb');
    const first = suggestionOf(await asked);
    editor.client.shown(first, 'inferred');
    editor.accept(first);
    const next = editor.ask();
    await editor.clock.settle();
    call.text('();');
    call.finish();
    call.done();
    const rest = suggestionOf(await next);
    expect(rest.text).toBe('\nb();');
    expect(rest.viewId).not.toBe(first.viewId);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });
});

describe('accepted in part', () => {
  it('is concluded from a word that came at once, and the rest stays on screen', async () => {
    const { editor, suggestion } = await showing('x = █', 'foo.bar();');
    editor.insert('foo');
    expect(types(editor.events)).toEqual(['shown', 'partially-accepted']);
    expect(editor.events[1]).toMatchObject({ accepted_chars: 3, how: 'inferred' });
    const rest = suggestionOf(await editor.ask());
    expect(rest).toMatchObject({ viewId: suggestion.viewId, text: '.bar();' });
    editor.client.shown(rest, 'inferred');
    editor.accept(rest);
    expect(editor.events.at(-1)).toMatchObject({ type: 'completion-accepted', chars: 10, accepted_chars: 7 });
  });

  it('is neither a closed bracket nor an indented line break', async () => {
    const { editor } = await read('foo█', '(\n  bar);');
    editor.typeClosed('(', ')');
    editor.client.shown(suggestionOf(await editor.ask()), 'inferred');
    editor.insert('\n  ');
    expect(types(editor.events)).toEqual(['shown']);
  });
});

describe('typed through', () => {
  it('is what a suggestion is whose every character was typed', async () => {
    const { editor, suggestion } = await read('x = █', 'foo');
    editor.type('foo');
    await editor.clock.advance(SETTLE_MS);
    expect(types(editor.events)).toEqual(['shown', 'typed-through']);
    expect(editor.events[1]).toMatchObject({ view_id: suggestion.viewId, accepted_chars: 3 });
  });

  it('is an acceptance when the editor says that the last character came by Tab', async () => {
    const { editor, suggestion } = await read('x = █', 'ab');
    editor.type('a');
    const rest = suggestionOf(await editor.ask());
    editor.accept(rest);
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
    expect(editor.events[1]).toMatchObject({ view_id: suggestion.viewId, accepted_chars: 1 });
  });
});

describe('rejected', () => {
  it('is what disagrees with what is typed', async () => {
    const { editor } = await read('x = █', 'foo();');
    await editor.clock.advance(750);
    editor.type('b');
    await editor.clock.advance(SETTLE_MS);
    expect(types(editor.events)).toEqual(['shown', 'rejected']);
    expect(editor.events[1]).toMatchObject({ how: 'inferred', after_s: 1, chars: 6, lines: 1 });
  });

  it('is what the user dismisses', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
    await editor.clock.advance(SETTLE_MS);
    expect(editor.events[1]).toMatchObject({ type: 'completion-rejected', how: 'measured' });
  });

  it('is nothing yet when it comes back at once and is accepted', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
    await editor.clock.advance(SETTLE_MS - 1);
    const again = suggestionOf(await editor.ask({ trigger: 'manual' }));
    expect(again.viewId).toBe(suggestion.viewId);
    editor.client.shown(again, 'inferred');
    editor.accept(again);
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });

  it('is believed from the editor rather than concluded', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    editor.client.dismissed(suggestion.viewId, 'ignored', 'inferred');
    editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
    await editor.clock.advance(SETTLE_MS);
    expect(types(editor.events)).toEqual(['shown', 'rejected']);
  });
});

describe('ignored', () => {
  it('is what another suggestion replaces', async () => {
    const { editor } = await read('x = █', 'foo();');
    editor.jump('y = █');
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('bar();');
    editor.client.shown(suggestionOf(await asked), 'inferred');
    await editor.clock.advance(SETTLE_MS);
    expect(types(editor.events).toSorted()).toEqual(['ignored', 'shown', 'shown']);
  });

  it('is what stands after text that is deleted', async () => {
    const { editor } = await read('x = █', 'foo();');
    editor.backspace();
    await editor.clock.advance(SETTLE_MS);
    expect(types(editor.events)).toEqual(['shown', 'ignored']);
  });

  it('is what is on screen at the end', async () => {
    const { editor } = await read('x = █', 'foo();');
    editor.client.dispose();
    expect(types(editor.events)).toEqual(['shown', 'ignored']);
  });

  it('is an alternative that was looked at, when another one is taken', async () => {
    const editor = openEditor('x = █', { settings: () => ({ maxCandidates: 2 }) });
    const asked = editor.ask({ trigger: 'manual' });
    const call = await editor.server.nextCall();
    call.text('one;', 0);
    call.text('two;', 1);
    call.done();
    const [one, two] = suggestionsOf(await asked);
    for (const suggestion of [one, two!, one, two!]) {
      editor.client.shown(suggestion, 'inferred');
      await editor.clock.advance(DWELL_MS);
    }
    editor.accept(two!);
    await editor.clock.advance(SETTLE_MS);
    expect(editor.events.map(({ type, choice }) => [type.slice(11), choice])).toEqual([
      ['shown', 0],
      ['shown', 1],
      ['accepted', 1],
      ['ignored', 0],
    ]);
  });
});

describe('edits elsewhere', () => {
  it('do not end a view, and move it along', async () => {
    const { editor, suggestion } = await read('x = █', 'foo();');
    const { uri } = editor.document;
    editor.client.changed({ uri: 'file:///other.ts', offset: 0, deleted: 1, inserted: 'z' });
    editor.client.changed({ uri, offset: 0, deleted: 0, inserted: 'import a;\n' });
    editor.client.changed({ uri, offset: 14, deleted: 0, inserted: 'foo();' });
    editor.client.accepted(suggestion.viewId, 'measured');
    await editor.clock.advance(5000);
    expect(types(editor.events)).toEqual(['shown', 'accepted']);
  });

  it('by a completion list that agrees are typing along', async () => {
    const { editor, suggestion } = await read('x = con█', 'sole.log();');
    const { uri } = editor.document;
    editor.client.changed({ uri, offset: 4, deleted: 3, inserted: 'console' });
    editor.client.changed({ uri, offset: 11, deleted: 0, inserted: '.log();' });
    editor.client.accepted(suggestion.viewId, 'measured');
    expect(types(editor.events)).toEqual(['shown', 'partially-accepted', 'accepted']);
  });
});

describe('views', () => {
  it('that are unknown are of no account', () => {
    const editor = openEditor('█');
    editor.client.accepted(v7(), 'measured');
    editor.client.dismissed(v7(), 'rejected', 'measured');
    expect(editor.events).toEqual([]);
  });
});
