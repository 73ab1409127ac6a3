import { expect, it } from 'vitest';
import { insideOfJson, jsonBytes, jsonBytesWith } from './json-bytes.ts';

const written = (text: string) => new TextDecoder('utf-8', { fatal: true }).decode(jsonBytes({ text }));

it.each(['plain', 'Grüße', '価格', '👩‍💻 and on', '\ud800 alone', '\u0000\u007f\u0080\u2028', '…'.repeat(1000), ''])(
  'says %j',
  (text) => {
    expect(JSON.parse(written(text))).toEqual({ text });
  },
);

it('escapes a few characters, and leaves many as they are', () => {
  expect(written('a…')).toBe('{"text":"a\\u2026"}');
  expect(written('…'.repeat(201))).toBe(`{"text":"${'…'.repeat(201)}"}`);
});

it('puts a text in pieces before the other members', () => {
  const pieces = ['a"\\\n', '…', '', '漢'.repeat(300), 'b'];
  const parts = pieces.map(insideOfJson);
  const text = jsonBytesWith('prompt', parts, { model: 'm', stream: true }).toString('utf8');
  expect(JSON.parse(text)).toEqual({ prompt: pieces.join(''), model: 'm', stream: true });
});
