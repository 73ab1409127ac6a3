import { expect, it } from 'vitest';
import { jsonBytes } from './json-bytes.ts';

it.each(['plain', 'Grüße', '価格', '👩‍💻', '\ud800 alone', '\u0000\u007f\u0080', ''])('writes %j as UTF-8', (text) => {
  expect(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(jsonBytes({ text })))).toEqual({ text });
});
