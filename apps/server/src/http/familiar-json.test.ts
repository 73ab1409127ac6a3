import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createFamiliarJson } from './familiar-json.ts';

const LINES = Array.from(
  { length: 400 },
  (_, i) => `  const value${i} = "${i}" + '\\${i}';\t// … ${i % 7 === 0 ? '👩‍💻' : ''}`,
);
const FILE = LINES.join('\n');
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

/** How many characters V8's own parser is given in `work`. */
function parsedChars(work: () => void): number {
  const { parse } = JSON;
  let chars = 0;
  JSON.parse = (text, ...rest) => {
    chars += text.length;
    return parse(text, ...rest);
  };
  try {
    work();
  } finally {
    JSON.parse = parse;
  }
  return chars;
}

describe('familiar JSON', () => {
  it('is read once, and gives the same every time', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const request = {
      prefix: FILE,
      suffix: FILE.slice(0, 6_000),
      snippets: [{ path: 'a.ts', text: FILE.slice(5_000) }],
    };
    const bytes = bytesOf(request);
    expect(json.parse(bytes, 'acme')).toEqual(request);
    expect(parsedChars(() => json.parse(bytes, 'acme'))).toBeLessThan(bytes.length / 4);
    expect(json.parse(bytes, 'acme')).toEqual(request);
  });

  it('is remembered while its text grows, shrinks and changes at its end', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    let read = 0;
    let sent = 0;
    for (const length of [9_000, 9_001, 9_040, 8_990, 9_500, 11_000, 12_900, 12_950, 12_901, 12_902]) {
      for (const typed of ['', 'x', '\\', '"', '\n', '…']) {
        const request = { prefix: FILE.slice(0, length) + typed, sequence: length };
        const bytes = bytesOf(request);
        sent += bytes.length;
        read += parsedChars(() => expect(json.parse(bytes, 'acme')).toEqual(request));
      }
    }
    expect(read).toBeLessThan(sent / 2);
  });

  it('of one owner helps no other', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const bytes = bytesOf({ suffix: FILE });
    json.parse(bytes, 'acme');
    expect(parsedChars(() => json.parse(bytes, 'other'))).toBeGreaterThan(FILE.length);
    expect(parsedChars(() => json.parse(bytes, 'acme'))).toBeLessThan(100);
  });

  it('is told from others with the same licence above', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const requests = Array.from({ length: 40 }, (_, index) =>
      bytesOf({ text: FILE.slice(0, 3_000) + index + FILE.slice(index, 3_000) }),
    );
    for (const bytes of requests) json.parse(bytes, 'acme');
    for (const bytes of requests) {
      const given = parsedChars(() => expect(json.parse(bytes, 'acme')).toEqual(JSON.parse(bytes.toString())));
      expect(given).toBeLessThan(bytes.length + 100);
    }
  });

  it('keeps what it remembers in memory of its own', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const bytes = bytesOf({ suffix: FILE.slice(0, 2_000) });
    json.parse(bytes, 'acme');
    const { compare } = Buffer.prototype;
    const kept: number[] = [];
    Buffer.prototype.compare = function (this: Buffer, ...about: Parameters<Buffer['compare']>) {
      kept.push(this.buffer.byteLength - this.length);
      return compare.apply(this, about);
    };
    try {
      json.parse(bytes, 'acme');
    } finally {
      Buffer.prototype.compare = compare;
    }
    expect(kept).toEqual([0]);
  });

  it('is forgotten when there is too much', () => {
    const json = createFamiliarJson({ growing: 'prefix', maxBytes: 3_000 });
    const [a, b] = [bytesOf({ a: 'a'.repeat(2_000) }), bytesOf({ b: 'b'.repeat(2_000) })];
    json.parse(a, 'acme');
    json.parse(b, 'acme');
    expect(parsedChars(() => json.parse(a, 'acme'))).toBeGreaterThan(2_000);
    expect(parsedChars(() => json.parse(a, 'acme'))).toBeLessThan(100);
  });

  it.each<[string, string]>([
    ['a name that is long', `{"${'n'.repeat(600)}":1,"b":"${'n'.repeat(600)}"}`],
    ['a name before a blank', `{"${'n'.repeat(600)}" \n:"${'n'.repeat(600)}"}`],
    ['__proto__ as a name', `{"__proto__":"${'p'.repeat(600)}","constructor":"${'p'.repeat(600)}"}`],
    ['a member twice', `{"a":"${'a'.repeat(600)}","a":"${'b'.repeat(600)}"}`],
    ['a string alone', `"${'s'.repeat(600)}"`],
    ['a number alone', `${' '.repeat(600)}12`],
    ['escapes at the end', `["${'e'.repeat(600)}\\\\","${'e'.repeat(600)}\\\\\\""]`],
    ['a break that is none', `{"prefix":"${'\\\\n\\\\\\n'.repeat(600)}"}`],
    ['half a pair', `{"prefix":"${'\\ud83d\\n'.repeat(600)}\\ude00"}`],
    ['broken UTF-8', `{"prefix":"${'\u00e9\\n'.repeat(600)}"}`],
  ])('gives what JSON.parse gives: %s', (what, text) => {
    const bytes = Buffer.from(text, what === 'broken UTF-8' ? 'latin1' : 'utf8');
    const json = createFamiliarJson({ growing: 'prefix' });
    const expected: unknown = JSON.parse(bytes.toString('utf8'));
    for (let time = 0; time < 3; time++) {
      const parsed = json.parse(bytes, 'acme');
      expect(parsed).toEqual(expected);
      expect(JSON.stringify(parsed)).toBe(JSON.stringify(expected));
    }
  });

  it.each<[string, string]>([
    ['strings', `,"many":[""${',""'.repeat(40_000)}]`],
    ['long strings', `,"many":["${Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(600)).join('","')}"]`],
    ['numbers', `,"many":[1${',2'.repeat(40_000)}]`],
    ['members', Array.from({ length: 3_000 }, (_, index) => `,"m${index}":1`).join('')],
    ['arrays', `,"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ])('leaves to V8 what has too many %s', (_, rest) => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const bytes = Buffer.from(`{"text":"${'a'.repeat(600)}"${rest}}`);
    for (let time = 0; time < 2; time++) {
      const given = parsedChars(() => expect(json.parse(bytes, 'acme')).toHaveProperty('text', 'a'.repeat(600)));
      expect(given).toBeGreaterThanOrEqual(bytes.length);
    }
  });

  it('looks for the end of a line a few times only where all are written out', () => {
    const json = createFamiliarJson({ growing: 'prefix' });
    const { lastIndexOf } = Buffer.prototype;
    let looks = 0;
    Buffer.prototype.lastIndexOf = function (this: Buffer, ...about: Parameters<Buffer['lastIndexOf']>) {
      looks += 1;
      return lastIndexOf.apply(this, about);
    };
    try {
      const request = { prefix: '\\n'.repeat(100_000) };
      expect(json.parse(bytesOf(request), 'acme')).toEqual(request);
    } finally {
      Buffer.prototype.lastIndexOf = lastIndexOf;
    }
    expect(looks).toBeLessThan(100);
  });

  it.each([
    `{"a":"${'a'.repeat(600)}`,
    `{"a":"${'a'.repeat(600)}" "b"}`,
    `{"a":"${'a'.repeat(600)}\\x"}`,
    `{"a":"${'a'.repeat(600)}\n"}`,
    `{"a":"${'a'.repeat(600)}",}`,
  ])('says what is wrong as JSON.parse does', (text) => {
    const json = createFamiliarJson({ growing: 'prefix' });
    json.parse(bytesOf({ a: 'a'.repeat(600) }), 'acme');
    let expected = '';
    try {
      JSON.parse(text);
    } catch (error) {
      expected = (error as Error).message;
    }
    expect(expected).not.toBe('');
    expect(() => json.parse(Buffer.from(text), 'acme')).toThrow(expected);
  });

  it('gives what JSON.parse gives for requests of many sessions, and for what is left of them when they are mutilated', () => {
    const random = seeded(7);
    const pick = (most: number) => Math.floor(random() * most);
    const json = createFamiliarJson({ growing: 'prefix', maxBytes: 100_000 });
    const texts = Array.from({ length: 6 }, () => LINES.toSorted(() => random() - 0.5).join('\n'));
    for (let round = 0; round < 3_000; round++) {
      const text = texts[pick(texts.length)]!;
      const cursor = pick(text.length);
      const request = {
        prefix: text.slice(Math.max(0, cursor - 4_000), cursor) + 'xyz"\\\n'.slice(0, pick(7)),
        suffix: text.slice(cursor, cursor + pick(3_000)),
        snippets: [{ text: texts[pick(texts.length)]!.slice(0, 2_000 + pick(2) * 500) }],
      };
      const bytes = bytesOf(request);
      if (pick(2) === 0) for (let hits = pick(4); hits > 0; hits--) bytes[pick(bytes.length)] = pick(128);
      let expected: unknown;
      try {
        expected = JSON.parse(bytes.toString('utf8'));
      } catch {
        expect(() => json.parse(bytes, 'acme')).toThrow(SyntaxError);
        continue;
      }
      expect(json.parse(bytes, 'acme')).toEqual(expected);
    }
  });
});
