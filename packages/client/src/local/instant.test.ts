import { parseTelemetryBatch } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { drawAccepted } from '../testing/draw.ts';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import { createScriptedLocalModel } from '../testing/scripted-local-model.ts';
import type { ScriptedCall } from '../testing/scripted-transport.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientFailure, ClientSettings, Outcome } from '../types.ts';

const PACE_MS = 75;

function open(drawing: string, settings: ClientSettings = {}) {
  const model = createScriptedLocalModel();
  const editor = openEditor(drawing, {
    localModel: model,
    settings: () => ({ local: 'instant', delayMs: PACE_MS, ...settings }),
  });
  const extended: string[] = [];
  editor.client.onExtended((viewId) => extended.push(viewId));
  return { editor, model, extended };
}

/** The local model is sure of `text`, which is on screen; the server has not been asked yet. */
async function showing(drawing: string, text: string, settings: ClientSettings = {}) {
  const opened = open(drawing, settings);
  const asked = opened.editor.ask();
  (await opened.model.nextCall()).answer(text);
  const suggestion = suggestionOf(await asked);
  opened.editor.client.shown(suggestion, 'inferred');
  return { ...opened, suggestion };
}

/** As `showing`, and the server is asked about it. */
async function showingBefore(drawing: string, text: string) {
  const shown = await showing(drawing, text);
  await shown.editor.clock.advance(PACE_MS);
  return { ...shown, call: await shown.editor.server.nextCall() };
}

async function answer(
  { editor }: Pick<ReturnType<typeof open>, 'editor'>,
  call: ScriptedCall,
  text: string,
): Promise<void> {
  call.answer(text);
  await editor.clock.advance(0);
}

function failure(reason: ClientFailure['reason'], retryable = true) {
  return new TransportError({ reason, detail: reason, retryable });
}

describe('what the local model is sure of', () => {
  it('is shown at once, while the server is asked at its pace', async () => {
    const { editor, model, suggestion } = await showing('x = █', 'foo();');
    expect(suggestion).toMatchObject({
      text: 'foo();',
      source: 'local',
      model: 'ngram',
      region: 'local',
      latencyMs: 0,
      complete: false,
    });
    expect(model.calls[0]!.request).toMatchObject({ prefix: 'x = ', candidates: 1, deadlineMs: 30 });
    await editor.clock.advance(PACE_MS - 1);
    expect(editor.server.calls).toHaveLength(0);
    await editor.clock.advance(1);
    expect(editor.server.calls.map(({ request }) => request.prefix)).toEqual(['x = ']);
    expect(editor.client.state()).toEqual({ kind: 'ready' });
  });

  it('is shown also while a request is under way that a keystroke has joined', async () => {
    const { editor, model } = open('x = █');
    void editor.ask();
    (await model.nextCall()).answer();
    await editor.clock.advance(PACE_MS);
    const call = await editor.server.nextCall();
    editor.type('f');
    const asked = editor.ask();
    (await model.nextCall()).answer('oo()');
    const { viewId } = suggestionOf(await asked);
    await editor.clock.advance(1_000);
    call.answer('foo().bar();');
    await editor.clock.advance(0);
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId, text: 'oo().bar();', complete: true });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is not asked for by hand', async () => {
    const { editor, model } = open('x = █');
    const asked = editor.ask({ trigger: 'manual' });
    (await editor.server.nextCall()).answer('foo();');
    expect(suggestionOf(await asked)).toMatchObject({ source: 'network', model: 'scripted' });
    expect(model.calls).toHaveLength(0);
  });

  it('is not asked for in other modes', async () => {
    for (const local of ['off', 'fallback'] as const) {
      const { editor, model } = open('x = █', { local });
      void editor.ask();
      await editor.clock.advance(PACE_MS);
      expect(editor.server.calls).toHaveLength(1);
      expect(model.calls).toHaveLength(0);
    }
  });

  it('does not hide that the user must mend something', async () => {
    const shown = await showingBefore('x = █', 'foo();');
    shown.call.fail(failure('unauthenticated', false));
    await shown.editor.clock.settle();
    expect(shown.editor.client.state()).toMatchObject({ kind: 'offline', failure: { reason: 'unauthenticated' } });
    shown.editor.type('b');
    const asked = shown.editor.ask();
    await shown.editor.clock.advance(PACE_MS);
    (await shown.editor.server.nextCall()).fail(failure('unauthenticated', false));
    expect(await asked).toMatchObject({ kind: 'failed', failure: { reason: 'unauthenticated' } });
    expect(shown.model.calls).toHaveLength(1);
  });
});

describe('a local model that is not sure, silent or slow', () => {
  it.each([
    ['unsure', [{ text: 'foo();', confidence: 0.79 }]],
    ['silent', []],
    ['sure of what does not fit', ['\n']],
  ] as const)('changes nothing: %s', async (_name, candidates) => {
    const { editor, model, extended } = open('x = █');
    const asked = editor.ask();
    (await model.nextCall()).answer(...candidates);
    await editor.clock.advance(PACE_MS);
    const call = await editor.server.nextCall();
    expect(editor.client.state()).toEqual({ kind: 'thinking' });
    call.answer('bar();');
    expect(suggestionOf(await asked)).toMatchObject({ text: 'bar();', source: 'network', complete: true });
    await editor.clock.advance(0);
    expect(extended).toEqual([]);
  });

  it('is given up when the server was sooner', async () => {
    const { editor, model, extended } = open('x = █', { delayMs: 0 });
    const asked = editor.ask();
    const local = await model.nextCall();
    (await editor.server.nextCall()).answer('bar();');
    const suggestion = suggestionOf(await asked);
    expect(suggestion).toMatchObject({ text: 'bar();', source: 'network' });
    expect(local.aborted).toBe(true);
    local.answer('bar();\nbaz();');
    await editor.clock.advance(1_000);
    expect(extended).toEqual([]);
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'bar();' });
  });

  it('is given up with the keystroke, and so is what the server was not asked yet', async () => {
    const { editor, model } = open('x = █');
    const asked = editor.ask();
    const local = await model.nextCall();
    editor.cancel();
    expect(await asked).toEqual({ kind: 'cancelled', reason: 'editor' });
    expect(local.aborted).toBe(true);
    await editor.clock.advance(1_000);
    expect(editor.server.calls).toHaveLength(0);
  });

  it('fails without a trace', async () => {
    const { editor, model } = open('x = █', { delayMs: 0 });
    const asked = editor.ask();
    const call = await editor.server.nextCall();
    (await model.nextCall()).fail();
    call.answer('bar();');
    expect(suggestionOf(await asked).text).toBe('bar();');
    expect(editor.client.state()).toEqual({ kind: 'ready' });
    editor.type('x');
    void editor.ask();
    await editor.clock.settle();
    expect(model.calls).toHaveLength(1);
  });

  it('stands in when the server fails meanwhile, however unsure', async () => {
    const { editor, model } = open('x = █', { delayMs: 0 });
    const asked = editor.ask();
    const local = await model.nextCall();
    (await editor.server.nextCall()).fail(failure('unreachable'));
    await editor.clock.settle();
    local.answer({ text: 'foo();', confidence: 0.3 });
    expect(suggestionOf(await asked)).toMatchObject({ text: 'foo();', source: 'local', complete: true });
    expect(model.calls).toHaveLength(1);
    expect(editor.client.state()).toMatchObject({ kind: 'local' });
  });
});

describe('a server that agrees', () => {
  it('lengthens what is on screen in the same view', async () => {
    const shown = await showingBefore('x = █', 'foo()');
    const { editor, suggestion, call, extended } = shown;
    await answer(shown, call, 'foo().bar();');
    expect(extended).toEqual([suggestion.viewId]);
    const longer = suggestionOf(await editor.ask());
    expect(longer).toMatchObject({
      viewId: suggestion.viewId,
      completionId: suggestion.completionId,
      text: 'foo().bar();',
      complete: true,
    });
    expect(drawAccepted(editor.document, longer)).toBe('x = foo().bar();█');
  });

  it('lengthens it by lines', async () => {
    const shown = await showingBefore('function f() {█\n}', '\n  a();');
    await answer(shown, shown.call, '\n  a();\n  b();');
    expect(suggestionOf(await shown.editor.ask())).toMatchObject({
      viewId: shown.suggestion.viewId,
      text: '\n  a();\n  b();',
    });
  });

  it('lengthens it under the hands that type it', async () => {
    const shown = await showingBefore('x = █', 'foo()');
    const { editor, suggestion, call } = shown;
    editor.type('fo');
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'o()', complete: false, source: 'typed' });
    await answer(shown, call, 'foo().bar();');
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'o().bar();' });
    expect(editor.server.calls).toHaveLength(1);
  });

  it('lengthens it when it was asked in the middle of it', async () => {
    const { editor, suggestion } = await showing('x = █', 'foo()');
    editor.type('fo');
    await editor.ask();
    await editor.clock.advance(PACE_MS);
    const call = await editor.server.nextCall();
    expect(call.request.prefix).toBe('x = fo');
    call.answer('o().bar();');
    await editor.clock.advance(0);
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'o().bar();' });
  });

  it('and says the same announces nothing', async () => {
    const shown = await showingBefore('x = █', 'foo();');
    await answer(shown, shown.call, 'foo();');
    expect(shown.extended).toEqual([]);
    expect(suggestionOf(await shown.editor.ask())).toMatchObject({ text: 'foo();', complete: true });
  });

  it('says what comes next when all of it was typed meanwhile', async () => {
    const { editor, suggestion, call } = await showingBefore('x = █', 'foo()');
    await editor.clock.advance(250);
    editor.type('foo()');
    const asked = editor.ask();
    await editor.clock.settle();
    call.answer('foo().bar();');
    expect(suggestionOf(await asked)).toMatchObject({ text: '.bar();', source: 'inflight', model: 'scripted' });
    await editor.clock.advance(1_000);
    expect(editor.events.map(({ type, view_id }) => [type, view_id])).toEqual([
      ['completion-shown', suggestion.viewId],
      ['completion-typed-through', suggestion.viewId],
    ]);
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is named in the events that follow, and the view is counted once', async () => {
    const shown = await showingBefore('x = █', 'foo()');
    const { editor, suggestion, call } = shown;
    await editor.clock.advance(250);
    await answer(shown, call, 'foo().bar();');
    const longer = suggestionOf(await editor.ask());
    editor.client.shown(longer, 'inferred');
    await editor.clock.advance(250);
    editor.accept(longer);
    const common = { completion_id: suggestion.completionId, view_id: suggestion.viewId, origin: 'local' };
    expect(editor.events).toMatchObject([
      { ...common, type: 'completion-shown', source: 'local', chars: 5 },
      { ...common, type: 'completion-accepted', chars: 12, extended_by: 'cmp_scripted0000' },
    ]);
    expect(editor.events[0]).not.toHaveProperty('extended_by');
    const parsed = parseTelemetryBatch({ events: editor.events }, editor.clock.now());
    expect(parsed.ok && parsed.events.map(({ event }) => event)).toEqual(editor.events);
  });
});

describe('a server that disagrees', () => {
  it.each([
    ['says something else', 'bar();'],
    ['says less', 'fo'],
    ['says the same in other words', 'foo ();'],
    ['repeats a secret behind it', "foo()\n('~redacted~redacted');"],
  ])('does not touch what is on screen when it %s', async (_name, text) => {
    const shown = await showingBefore('x = █', 'foo();');
    await answer(shown, shown.call, text);
    expect(shown.extended).toEqual([]);
    expect(suggestionOf(await shown.editor.ask())).toMatchObject({
      viewId: shown.suggestion.viewId,
      text: 'foo();',
      complete: true,
    });
    expect(shown.editor.server.calls).toHaveLength(1);
  });

  it('is heard as soon as the user types what it said, in a view of its own', async () => {
    const shown = await showingBefore('x = █', 'foo();');
    const { editor, model, call, suggestion } = shown;
    await answer(shown, call, 'fab();');
    editor.type('f');
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'oo();' });
    editor.type('a');
    const other = suggestionOf(await editor.ask());
    expect(other).toMatchObject({ text: 'b();', source: 'cache', model: 'scripted' });
    expect(other.viewId).not.toBe(suggestion.viewId);
    expect(editor.server.calls).toHaveLength(1);
    expect(model.calls).toHaveLength(1);
  });

  it('is heard then also when its answer was cut off, or is still under way', async () => {
    for (const end of ['cut', 'under way'] as const) {
      const shown = await showingBefore('x = █', 'foo();');
      const { editor, call, model } = shown;
      call.text('fab(\n');
      if (end === 'cut') {
        call.finish('length');
        call.done();
      }
      await editor.clock.advance(0);
      editor.type('f');
      await editor.ask();
      editor.type('a');
      const asked = editor.ask();
      if (end === 'under way') (await model.nextCall()).answer();
      expect(suggestionOf(await asked)).toMatchObject({ text: 'b(', model: 'scripted' });
      expect(editor.server.calls).toHaveLength(1);
    }
  });

  it('is asked again when what is typed departs from it, and not before', async () => {
    const shown = await showingBefore('x = █', 'foo();');
    const { editor, call, suggestion } = shown;
    await answer(shown, call, 'fab();');
    editor.type('f');
    await editor.ask();
    await editor.clock.advance(1_000);
    expect(editor.server.calls).toHaveLength(1);
    editor.type('o');
    await editor.ask();
    await editor.clock.advance(PACE_MS);
    const second = await editor.server.nextCall();
    expect(second.request.prefix).toBe('x = fo');
    await answer(shown, second, 'o();\nbar();');
    expect(suggestionOf(await editor.ask())).toMatchObject({ viewId: suggestion.viewId, text: 'o();\nbar();' });
  });

  it('is not asked again where nobody would be asked', async () => {
    const { editor, call } = await showingBefore('x = █', 'foo();');
    await answer({ editor }, call, 'bar();');
    editor.type('f');
    const query = { document: editor.document, trigger: 'automatic' as const, openDocuments: () => [] };
    const outcome = await editor.client.complete(
      { ...query, situation: { onDemand: true } },
      AbortSignal.timeout(1000),
    );
    expect(suggestionOf(outcome).text).toBe('oo();');
    await editor.clock.advance(PACE_MS);
    expect(editor.server.calls).toHaveLength(1);
  });

  it('is not asked twice where it was silent, but at the next key', async () => {
    const { editor, call } = await showingBefore('x = █', 'foo();');
    call.done('silent');
    await editor.clock.advance(0);
    expect(suggestionOf(await editor.ask())).toMatchObject({ text: 'foo();', complete: true });
    await editor.clock.advance(1_000);
    expect(editor.server.calls).toHaveLength(1);
    editor.type('f');
    await editor.ask();
    await editor.clock.advance(PACE_MS);
    expect(editor.server.calls).toHaveLength(2);
  });

  it('by failing leaves what is on screen, and is not asked for its sake again', async () => {
    const { editor, call, suggestion } = await showingBefore('x = █', 'foo();');
    call.fail(failure('server'));
    await editor.clock.advance(0);
    editor.type('f');
    expect(suggestionOf(await editor.ask())).toMatchObject({
      viewId: suggestion.viewId,
      text: 'oo();',
      complete: true,
    });
    await editor.clock.advance(1_000);
    expect(editor.server.calls).toHaveLength(1);
    expect(editor.client.state()).toMatchObject({ kind: 'local', failure: { reason: 'server' } });
  });
});

describe('a decision before the server has answered', () => {
  it('to accept ends the view; the rest of the answer is one of its own', async () => {
    const { editor, model, suggestion, call, extended } = await showingBefore('x = █', 'foo();');
    editor.accept(suggestion);
    const asked = editor.ask();
    (await model.nextCall()).answer();
    call.answer('foo();\nbar();');
    const rest = suggestionOf(await asked);
    expect(rest).toMatchObject({ text: '\nbar();', source: 'inflight' });
    expect(rest.viewId).not.toBe(suggestion.viewId);
    expect(extended).toEqual([]);
    expect(editor.events.map(({ type }) => type)).toEqual(['completion-shown', 'completion-accepted']);
  });

  it('to dismiss ends the question', async () => {
    for (const [waitMs, calls] of [
      [0, 0],
      [PACE_MS, 1],
    ] as const) {
      const { editor, suggestion, extended } = await showing('x = █', 'foo();');
      await editor.clock.advance(waitMs);
      editor.client.dismissed(suggestion.viewId, 'rejected', 'measured');
      await editor.clock.advance(1_000);
      expect(editor.server.calls).toHaveLength(calls);
      expect(editor.server.calls.every(({ aborted }) => aborted)).toBe(true);
      expect(extended).toEqual([]);
    }
  });

  it('by the client being disposed of or reset ends it, too', async () => {
    for (const end of ['dispose', 'reset'] as const) {
      const { editor, call, extended } = await showingBefore('x = █', 'foo();');
      editor.client[end]();
      await editor.clock.advance(1_000);
      expect(call.aborted).toBe(true);
      expect(extended).toEqual([]);
    }
  });

  it('by cancelling what was answered already ends nothing: editors do that', async () => {
    const { editor } = await showing('x = █', 'foo();');
    editor.cancel();
    await editor.clock.advance(PACE_MS);
    expect(editor.server.calls).toHaveLength(1);
  });
});

describe('the number of requests', () => {
  it('is one for a burst that types what the local model has said', async () => {
    const { editor } = await showing('█', 'const a = 1;');
    for (const key of 'const') {
      editor.type(key);
      await editor.ask();
      await editor.clock.advance(60);
    }
    expect(editor.server.calls).toHaveLength(0);
    await editor.clock.advance(15);
    expect(editor.server.calls.map(({ request }) => request.prefix)).toEqual(['const']);
  });

  it('is one while the request under way agrees with what is typed', async () => {
    const { editor } = await showingBefore('█', 'const a = 1;');
    const outcomes: Outcome[] = [];
    for (const key of 'const') {
      editor.type(key);
      outcomes.push(await editor.ask());
      await editor.clock.advance(1_000);
    }
    expect(outcomes.every(({ kind }) => kind === 'suggested')).toBe(true);
    expect(editor.server.calls).toHaveLength(1);
  });
});
