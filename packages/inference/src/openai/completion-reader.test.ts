import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndpointEvent } from '../types.ts';
import { createCompletionReader } from './completion-reader.ts';

/** The events of a body that comes in these packets, to its end. */
function read(packets: readonly Uint8Array[], limits = { candidates: 1, maxTokens: 64 }): EndpointEvent[] {
  const events: EndpointEvent[] = [];
  const reader = createCompletionReader(limits, (event) => events.push(event));
  for (const packet of packets) reader.feed(packet);
  reader.end();
  return events;
}

const stream = (...messages: (object | string)[]) => [
  Buffer.from(messages.map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join('')),
];
const choice = (fields: object) => ({ choices: [{ index: 0, text: '', finish_reason: null, ...fields }] });

describe('a recorded answer', () => {
  const recorded = readFileSync(path.join(import.meta.dirname, 'fixtures', 'v1-completions-stream.txt'));
  const body = recorded.subarray(recorded.indexOf('\r\n\r\n') + 4);
  const whole = read([body]);

  it('is texts, one end, and the usage', () => {
    expect(whole.map(({ type }) => type)).toEqual([...Array.from({ length: 8 }, () => 'text'), 'end', 'usage']);
    expect(whole[0]).toEqual({ type: 'text', index: 0, text: '\ufffd' });
    expect(whole.slice(-2)).toEqual([
      { type: 'end', index: 0, reason: 'length' },
      { type: 'usage', promptTokens: 13, completionTokens: 8 },
    ]);
  });

  it('reads the same wherever two packets meet', () => {
    for (let at = 0; at <= body.length; at += 1)
      expect(read([body.subarray(0, at), body.subarray(at)]), `at ${at}`).toEqual(whole);
  });
});

describe('an answer', () => {
  it.each(['completions', 'chat'] as const)('says what each chunk says, however alike they are: %s', (api) => {
    const texts = [
      'a',
      'a',
      '"',
      '\\',
      '\n',
      '…',
      '',
      ',"text":"b"',
      '"text":',
      '"content":"',
      '{}',
      'a","index":1',
      'null',
    ];
    type Shape = (text: string) => { readonly choices: readonly object[] };
    const choiceOf = (index: number, text: string) =>
      api === 'chat' ? { index, delta: { content: text } } : { index, text };
    const shapes: readonly Shape[] = [
      (text) => ({ choices: [choiceOf(0, text)] }),
      (text) => ({ choices: [choiceOf(1, text)] }),
      (text) => ({ about: { text: 'a', content: 'a' }, choices: [choiceOf(0, text)], usage: null }),
      (text) => ({ choices: [choiceOf(0, text), choiceOf(1, text)] }),
    ];
    for (const spaced of [false, true]) {
      const said: string[] = [];
      const events: EndpointEvent[] = [];
      const reader = createCompletionReader({ candidates: 2, maxTokens: 1_000, api }, (event) => events.push(event));
      for (let round = 0; round < texts.length * shapes.length * 7; round++) {
        // Each shape comes some times in a row, with texts that go round.
        const chunk = shapes[Math.floor(round / 5) % shapes.length]!(texts[(round * 5) % texts.length]!);
        for (const each of chunk.choices as { index: number; text?: string; delta?: { content: string } }[]) {
          const text = each.text ?? each.delta?.content;
          if (text !== '') said.push(`${each.index} ${text}`);
        }
        reader.feed(
          Buffer.from(`data: ${spaced ? JSON.stringify(chunk).replaceAll('":', '": ') : JSON.stringify(chunk)}\n\n`),
        );
      }
      const expected = spaced ? said.map((each) => each.replaceAll('":', '": ')) : said;
      expect(events.map((event) => (event.type === 'text' ? `${event.index} ${event.text}` : event.type))).toEqual(
        expected,
      );
    }
  });

  it('keeps its candidates apart', () => {
    const chunks = stream(
      choice({ text: 'a' }),
      choice({ index: 1, text: 'b', finish_reason: 'length' }),
      choice({ text: 'c', finish_reason: 'stop' }),
      choice({ index: 1, text: 'more after its end' }),
      choice({ index: 2, text: 'nobody asked for' }),
      '[DONE]',
    );
    expect(read(chunks, { candidates: 2, maxTokens: 64 })).toEqual([
      { type: 'text', index: 0, text: 'a' },
      { type: 'text', index: 1, text: 'b' },
      { type: 'end', index: 1, reason: 'length' },
      { type: 'text', index: 0, text: 'c' },
      { type: 'end', index: 0, reason: 'stop' },
    ]);
  });

  it.each([
    ['stop', 'stop'],
    ['eos_token', 'stop'],
    ['length', 'length'],
    ['content_filter', 'length'],
    ['abort', 'length'],
  ])('that ended with %s is %s: only a natural end is whole', (finish_reason, reason) => {
    expect(read(stream(choice({ finish_reason }), '[DONE]'))).toEqual([{ type: 'end', index: 0, reason }]);
  });

  it('is whole with [DONE] or with a finish_reason', () => {
    expect(read(stream(choice({ text: 'a' }), '[DONE]')).at(-1)).toEqual({ type: 'end', index: 0, reason: 'stop' });
    expect(read(stream(choice({ finish_reason: 'stop' })))).toHaveLength(1);
  });

  it('counts its tokens once, however often the server says how many', () => {
    const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens } });
    const events = read(stream({ ...choice({ text: 'a' }), ...usage(1) }, { choices: [], ...usage(2) }, '[DONE]'));
    expect(events.at(-1)).toEqual({ type: 'usage', promptTokens: 5, completionTokens: 2 });
    expect(events.filter(({ type }) => type === 'usage')).toHaveLength(1);
  });

  it('passes over comments, other fields, null usage and what follows [DONE]', () => {
    const bytes = Buffer.from(
      `: heartbeat\r\nid: 7\r\nfoo: bar\r\n\r\ndata: ${JSON.stringify({ ...choice({ text: 'a', finish_reason: 'stop' }), usage: null })}\r\n\r\ndata: [DONE]\r\n\r\ndata: nonsense\r\n\r\n`,
    );
    expect(read([bytes]).map(({ type }) => type)).toEqual(['text', 'end']);
  });
});

describe('what is no answer', () => {
  it.each([
    ['chat completions', stream({ choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }] })],
    ['[DONE] alone', stream('[DONE]')],
    ['an empty body', []],
    ['text that nothing ends', stream(choice({ text: 'a' }))],
    [
      'one of two candidates without an end',
      stream(choice({ finish_reason: 'stop' }), choice({ index: 1, text: 'b' })),
    ],
    ['choices that are no list', stream({ choices: 'none' }, '[DONE]')],
    ['a text that is no string', stream(choice({ text: 7 }), '[DONE]')],
    ['a list', stream('[1]')],
    ['broken JSON', stream('{"choices":')],
  ])('is a fault: %s', (_, packets) => {
    expect(() => read(packets, { candidates: 2, maxTokens: 64 })).toThrow(
      expect.objectContaining({ name: 'WireFault', status: undefined }),
    );
  });

  it('is a fault that never quotes it', () => {
    for (const packets of [
      stream('{"choices": hunter2}'),
      stream({ error: { message: 'hunter2', type: 'hunter2 ()' } }),
      stream({ error: 'hunter2' }),
    ])
      expect(() => read(packets)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });

  it('has the status that an error in the stream stands for', () => {
    const error = { code: 400, type: 'exceed_context_size_error', message: 'too long' };
    expect(() => read(stream({ error }))).toThrow(
      expect.objectContaining({
        status: 400,
        message: 'reported an error in its stream: exceed_context_size_error',
      }),
    );
  });

  it('is cut off when it does not end', () => {
    expect(() => read([Buffer.from(`data: ${'x'.repeat(1 << 20)}`)])).toThrow(/a line of more than/);
    const flood = Array.from({ length: 64 }, () => choice({ text: 'x'.repeat(1_000) }));
    expect(() => read(stream(...flood), { candidates: 1, maxTokens: 4 })).toThrow(/more text than max_tokens/);
    // A flood without line breaks that is no field at all is not even kept.
    expect(() => read(Array.from({ length: 64 }, () => Buffer.alloc(1 << 20, 'x')))).toThrow(/without saying/);
  });
});
