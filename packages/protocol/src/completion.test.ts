import { describe, expect, it } from 'vitest';
import { LIMITS, encodeStreamEvent, parseCompletionRequest, parseStreamEvent, problemName } from './index.ts';

const minimal = { prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' };

function rejected(body: unknown) {
  const result = parseCompletionRequest(body);
  if (result.ok) throw new Error('expected a problem');
  return { name: problemName(result.problem), detail: result.problem.detail };
}

describe('a completion request', () => {
  it('needs no more than prefix, suffix, language and trigger', () => {
    expect(parseCompletionRequest(minimal)).toEqual({ ok: true, value: minimal });
  });

  it('ignores fields it does not know', () => {
    expect(parseCompletionRequest({ ...minimal, temperament: 'sunny' })).toEqual({ ok: true, value: minimal });
  });

  it.each([
    [{ ...minimal, sufix: '' }, 'sufix: unknown field; did you mean "suffix"?'],
    [{ ...minimal, langauge: 'x' }, 'langauge: unknown field; did you mean "language"?'],
    [{ ...minimal, sessionId: 'x' }, 'sessionId: unknown field; did you mean "session_id"?'],
    [
      { ...minimal, snippets: [{ path: 'a', txt: '', source: 'open_file' }] },
      'snippets[0].txt: unknown field; did you mean "text"?',
    ],
    [{ ...minimal, client: { nme: 'x' } }, 'client.nme: unknown field; did you mean "name"?'],
  ])('names the field a typo was meant for', (body, detail) => {
    expect(rejected(body)).toEqual({ name: 'invalid-request', detail });
  });

  it('says which field is missing and which value was probably meant', () => {
    expect(rejected({ ...minimal, prefix: undefined }).detail).toBe(
      'prefix: required field is missing (expected string)',
    );
    expect(rejected({ ...minimal, trigger: 'automatc' }).detail).toBe(
      'trigger: unknown value; did you mean "automatic"?',
    );
    expect(rejected(null).detail).toMatch(/expected object/);
  });

  it('never quotes a value, which may be source code', () => {
    const secret = 'hunter2-in-the-wrong-field';
    expect(
      rejected({ ...minimal, language: secret.repeat(5), trigger: secret, sequence: secret }).detail,
    ).not.toContain('hunter2');
  });

  it('counts UTF-8 bytes, to the byte', () => {
    const exactly = 'é'.repeat(LIMITS.prefixBytes / 2);
    expect(parseCompletionRequest({ ...minimal, prefix: exactly }).ok).toBe(true);
    expect(rejected({ ...minimal, prefix: exactly + 'x' })).toEqual({
      name: 'too-large',
      detail: `prefix: ${LIMITS.prefixBytes + 1} bytes of UTF-8, at most ${LIMITS.prefixBytes} are allowed; send the part nearest to the cursor`,
    });
    const emoji = '👻'.repeat(LIMITS.suffixBytes / 4);
    expect(parseCompletionRequest({ ...minimal, suffix: emoji }).ok).toBe(true);
    expect(rejected({ ...minimal, suffix: emoji + 'x' }).name).toBe('too-large');
  });

  it('bounds the snippets together', () => {
    const snippet = { path: 'a.ts', source: 'open_file', text: 'x'.repeat(LIMITS.snippetsBytes / 2) };
    expect(parseCompletionRequest({ ...minimal, snippets: [snippet, snippet] }).ok).toBe(true);
    expect(rejected({ ...minimal, snippets: [snippet, snippet, { ...snippet, text: 'y' }] }).name).toBe('too-large');
  });
});

describe('a stream event', () => {
  it('survives encoding, whatever the text holds', () => {
    const text = 'a\r\nb\n\nevent: done\ndata: {"x":1}\u2028👻';
    const frame = encodeStreamEvent({ event: 'delta', data: { index: 0, text } });
    expect(frame.endsWith('\n\n')).toBe(true);
    const [, data, ...more] = frame.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(parseStreamEvent('delta', data!.slice('data: '.length))).toEqual({
      event: 'delta',
      data: { index: 0, text },
    });
  });

  it('is passed over when a newer server sends a name not known yet', () => {
    expect(parseStreamEvent('hint', '{}')).toBeUndefined();
    expect(parseStreamEvent('toString', '{}')).toBeUndefined();
    expect(parseStreamEvent(undefined, '{}')).toBeUndefined();
  });

  it('names event and field when malformed', () => {
    expect(() => parseStreamEvent('delta', '{"index":0}')).toThrow(/stream event "delta".*text/s);
    expect(() => parseStreamEvent('start', 'nonsense')).toThrow('stream event "start" is not JSON');
  });
});
