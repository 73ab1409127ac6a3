import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientSettings } from '../types.ts';

function open(drawing: string, settings: ClientSettings = {}) {
  return openEditor(drawing, { settings: () => ({ multiline: 'auto', delayMs: 40, ...settings }) });
}

const latest = ({ client }: ReturnType<typeof open>) => client.keystrokes()[0]!;

describe('a keystroke that led to a suggestion', () => {
  it('tells what was waited for and how long, what was sent, and who answered', async () => {
    const editor = open('first();\nconst x = █');
    const asked = editor.ask();
    await editor.clock.advance(40);
    const call = await editor.server.nextCall();
    await editor.clock.advance(90);
    call.answer('compute();');
    await asked;
    expect(latest(editor)).toMatchObject({
      id: 1,
      trigger: 'automatic',
      language: 'typescript',
      outcome: 'suggested',
      decidedBy: 'network',
      reason: undefined,
      totalMs: 130,
      pace: { delayMs: 40, because: ['setting'] },
      context: { prefixChars: 19, suffixChars: 0, late: [], redactions: 0, excluded: 0 },
      answer: {
        source: 'network',
        model: 'scripted',
        region: 'test',
        endpoint: 'script',
        cache: 'miss',
        candidates: 1,
      },
      fate: undefined,
      code: { path: 'a.ts', line: 2, before: 'const x = ', text: 'compute();' },
    });
    const ms = Object.fromEntries(latest(editor).stages.map(({ stage, ms }) => [stage, ms]));
    expect(ms).toMatchObject({ 'type-through': 0, cache: 0, pace: 40, network: 90 });
  });

  it('tells that it was typed along, or known already, without anything waited for', async () => {
    const editor = open('x = █', { delayMs: 0 });
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('foo();');
    await asked;
    editor.type('f');
    await editor.ask();
    expect(latest(editor)).toMatchObject({ decidedBy: 'type-through', answer: { source: 'typed' }, totalMs: 0 });
    editor.jump('x = █');
    editor.jump('x = f█');
    editor.client.dismissed(suggestionOf(await editor.ask()).viewId, 'ignored', 'measured');
    await editor.ask();
    expect(latest(editor)).toMatchObject({ decidedBy: 'cache', answer: { source: 'cache', endpoint: 'script' } });
  });

  it('tells how long its context was waited for, and each step once', async () => {
    const editor = open('x = █');
    const never = new Promise<never>(() => {});
    const query = { document: editor.document, trigger: 'automatic' as const, openDocuments: () => [] };
    const asked = editor.client.complete({ ...query, definitions: () => never }, AbortSignal.timeout(10_000));
    await editor.clock.advance(150);
    (await editor.server.nextCall()).answer('foo();');
    await asked;
    const { stages, context } = latest(editor);
    expect(context?.late).toEqual(['definition']);
    expect(stages.map(({ stage }) => stage)).toEqual([
      'gate',
      'type-through',
      'cache',
      'inflight',
      'pace',
      'context',
      'network',
    ]);
    expect(stages).toContainEqual({ stage: 'pace', ms: 40 });
    expect(stages).toContainEqual({ stage: 'context', ms: 110 });
  });

  it('tells that the local model was surer, sooner than the server', async () => {
    const editor = openEditor('x = █', {
      settings: () => ({ delayMs: 0, local: 'instant' }),
      localModel: { complete: () => Promise.resolve([{ text: 'foo();', confidence: 0.95, cut: false }]) },
    });
    expect(suggestionOf(await editor.ask())).toMatchObject({ source: 'local' });
    expect(latest(editor)).toMatchObject({ decidedBy: 'local', answer: { source: 'local', region: 'local' } });
  });

  it('tells which filters took what away', async () => {
    const editor = open('call(█);', { delayMs: 0 });
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('a, b<|endoftext|>');
    await asked;
    expect(latest(editor)).toMatchObject({
      filters: [{ name: 'model tokens', removedChars: '<|endoftext|>'.length }],
      code: { text: 'a, b' },
    });
  });

  it('tells that nothing of the answer was left', async () => {
    const editor = open('a█\nfoo();\n', { delayMs: 0 });
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('\nfoo();');
    await asked;
    expect(latest(editor)).toMatchObject({ outcome: 'empty', decidedBy: 'fit', reason: 'trimmed' });
    expect(latest(editor).filters).toEqual([{ name: 'following lines', removedChars: 7 }]);
  });

  it('learns what became of it', async () => {
    const editor = open('x = █', { delayMs: 0 });
    const asked = editor.ask();
    (await editor.server.nextCall()).answer('foo();');
    await asked;
    const suggestion = suggestionOf(await editor.ask());
    editor.client.shown(suggestion, 'measured');
    let told = 0;
    editor.client.onKeystroke(() => (told += 1));
    await editor.clock.advance(1000);
    expect(latest(editor).fate).toBe('shown');
    editor.accept(suggestion);
    expect(latest(editor).fate).toBe('accepted');
    expect(told).toBeGreaterThanOrEqual(2);
  });
});

describe('a keystroke that led to none', () => {
  it('names the gate', async () => {
    const editor = open('con█st');
    await editor.ask();
    expect(latest(editor)).toMatchObject({ outcome: 'empty', decidedBy: 'gate', reason: 'mid-word' });
    expect(editor.server.calls).toHaveLength(0);
  });

  it('names what the editor and the settings forbid', async () => {
    const editor = open('x = █', { exclude: ['a.ts'] });
    await editor.ask();
    expect(latest(editor)).toMatchObject({ decidedBy: 'gate', reason: 'excluded' });
    const { document } = editor;
    const query = { document, trigger: 'automatic', openDocuments: () => [], situation: { off: 'paused' } } as const;
    await editor.client.complete(query, new AbortController().signal);
    expect(latest(editor)).toMatchObject({ decidedBy: 'gate', reason: 'paused' });
  });

  it('names the failure, and why it was cancelled', async () => {
    const editor = open('x = █', { delayMs: 0, local: 'off' });
    const asked = editor.ask();
    const failure = { reason: 'server', detail: 'Out of memory.', retryable: true } as const;
    (await editor.server.nextCall()).fail(new TransportError(failure));
    await asked;
    expect(latest(editor)).toMatchObject({ outcome: 'failed', decidedBy: 'network', reason: 'server' });
    editor.type('f');
    const next = editor.ask();
    await editor.server.nextCall();
    editor.type('o');
    await next;
    expect(latest(editor)).toMatchObject({ outcome: 'cancelled', reason: 'editor' });
  });
});

describe('the log', () => {
  it('keeps the last hundred, newest first, and not the documents', async () => {
    const editor = open('█');
    for (let i = 0; i < 130; i++) {
      editor.jump(`${'const a = 1;\n'.repeat(2000)}wor█d`);
      await editor.ask();
    }
    const kept = editor.client.keystrokes();
    expect(kept).toHaveLength(100);
    expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => 130 - i));
    expect(JSON.stringify(kept).length).toBeLessThan(100_000);
  });
});

describe('a preview', () => {
  it('is the request that would be sent, with the secrets overwritten, and sends nothing', async () => {
    const token = `ghp_${'a1B2c3D4'.repeat(5)}`;
    const editor = open(`const t = '${token}';\nconst x = █\n`);
    const query = { document: editor.document, trigger: 'automatic', openDocuments: () => [] } as const;
    const { request, gate, context } = await editor.client.preview(query, new AbortController().signal);
    expect(gate).toBeUndefined();
    expect(request).toMatchObject({ suffix: '\n', language: 'typescript', path: 'a.ts', trigger: 'automatic' });
    expect(request!.prefix).not.toContain(token);
    expect(request!.prefix).toHaveLength(editor.document.cursor);
    expect(context).toMatchObject({ redactions: 1 });
    expect(editor.server.calls).toHaveLength(0);
    expect(editor.client.keystrokes()).toEqual([]);
    void editor.ask();
    await editor.clock.advance(40);
    expect((await editor.server.nextCall()).request).toMatchObject({ ...request, sequence: 1 });
  });

  it('names the gate that would keep it, and shows nothing of what must not leave', async () => {
    const editor = open('con█st');
    const preview = (drawing: string, path = 'a.ts') => {
      editor.jump(drawing);
      const document = { ...editor.document, path };
      const query = { document, trigger: 'automatic', openDocuments: () => [] } as const;
      return editor.client.preview(query, new AbortController().signal);
    };
    expect(await preview('con█st')).toMatchObject({ gate: 'mid-word', request: { prefix: 'con' } });
    expect(await preview('KEY=█', '.env')).toEqual({ gate: 'excluded', request: undefined, context: undefined });
  });
});
