import { type Random, randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { containsPlaceholder, redactSecrets } from './index.ts';

// Put together here, so that no scanner takes this file for a leak.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const WORDS = [
  'const',
  'token',
  '=',
  '(',
  ')',
  '{',
  '}',
  '\n',
  '\r\n',
  '  ',
  '"',
  "'",
  ';',
  'password',
  ':',
  '😀',
  '語',
];
const MARK = `PRIVATE ${'KEY'}`;

const chars = (random: Random, length: number) =>
  Array.from({ length }, () => ALPHABET[random(ALPHABET.length)]!).join('');

/** What must not leave: the text, and the part of it that is secret. */
function drawSecret(random: Random): { text: string; hidden: string } {
  const kind = random(4);
  const key = `${chars(random, 30)}7x${chars(random, 8)}`;
  if (kind === 0) return { text: `f(ghp_${key});`, hidden: `ghp_${key}` };
  if (kind === 1) return { text: `db_password = "${key}"`, hidden: key };
  if (kind === 2) return { text: `KEY='AKIA${'ABCDEFGH12345678'}'`, hidden: `AKIA${'ABCDEFGH12345678'}` };
  const body = Array.from({ length: 3 + random(6) }, () => chars(random, 64)).join('\n');
  return { text: `\n-----BEGIN ${MARK}-----\n${body}\nab==\n-----END ${MARK}-----\n`, hidden: body };
}

function drawCode(random: Random): string {
  return Array.from({ length: random(20) }, () => WORDS[random(WORDS.length)]!).join(' ');
}

const lineBreaks = (text: string) => [...text.matchAll(/[\r\n]/g)].map(({ index, 0: char }) => [index, char]);

describe('whatever is redacted', () => {
  it('keeps its length, its line breaks, its well-formedness, and all that is no secret', () => {
    const random = randomFrom(3);
    let hidden = 0;
    for (let run = 0; run < 3000; run++) {
      const parts = Array.from({ length: 1 + random(3) }, () => ({ before: drawCode(random), ...drawSecret(random) }));
      const original = `${parts.map(({ before, text }) => `${before}\n${text}`).join('\n')}\n${drawCode(random)}`;
      const { text, count } = redactSecrets(original);
      expect(text).toHaveLength(original.length);
      expect(lineBreaks(text)).toEqual(lineBreaks(original));
      expect(text.isWellFormed()).toBe(true);
      expect(count > 0).toBe(containsPlaceholder(text));
      for (const part of parts) {
        for (const line of part.hidden.split('\n')) expect(text, original).not.toContain(line);
        hidden += 1;
      }
      expect(redactSecrets(text), original).toEqual({ text, count: 0, families: [] });
    }
    expect(hidden).toBeGreaterThan(5000);
  });

  it('changes nothing outside of the secret', () => {
    const random = randomFrom(4);
    for (let run = 0; run < 1000; run++) {
      const { text: secret, hidden } = drawSecret(random);
      const [before, after] = [`let a${run} = 1;\n`, `\nreturn a${run};\n`];
      const redacted = redactSecrets(before + secret + after).text;
      expect(redacted.startsWith(before)).toBe(true);
      expect(redacted.endsWith(after)).toBe(true);
      if (hidden.includes('\n')) continue;
      const at = before.length + secret.indexOf(hidden);
      expect(redacted.slice(0, at)).toBe((before + secret).slice(0, at));
      expect(redacted.slice(at + hidden.length)).toBe((before + secret + after).slice(at + hidden.length));
    }
  });

  it('shows no whole line of a private key, wherever the text around it is cut', () => {
    const random = randomFrom(5);
    const body = Array.from({ length: 26 }, () => chars(random, 64));
    const key = `-----BEGIN RSA ${MARK}-----\n${body.join('\n')}\n${chars(random, 20)}==\n-----END RSA ${MARK}-----`;
    const literal = body.map((line) => `  "${line}\\n" +`).join('\n');
    for (const whole of [`const a = 1;\n${key}\nconst b = 2;\n`, literal]) {
      for (let run = 0; run < 500; run++) {
        const start = random(whole.length - 400);
        const cut = whole.slice(start, start + 300 + random(whole.length - start - 300));
        const { text } = redactSecrets(cut);
        expect(text).toHaveLength(cut.length);
        for (const line of body) expect(text, cut).not.toContain(line);
      }
    }
  });

  it('takes no line of ordinary code for a cut key', () => {
    const code = `${'import { one, two, three } from "./somewhere/else/entirely/and/further.ts";\n'.repeat(3)}ok\n`;
    const hashes = `${'d41d8cd98f00b204e9800998ecf8427e\n'.repeat(5)}`;
    const oneLong = `${'abcdefghij'.repeat(7)}\nconst a = 1;\n`;
    for (const text of [code, hashes, oneLong]) expect(redactSecrets(text)).toEqual({ text, count: 0, families: [] });
  });
});
