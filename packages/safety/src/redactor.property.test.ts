import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactSecrets } from './index.ts';

const LINES = [
  'const a = 1;',
  '  return tokens.map((token) => token.text);',
  'password =',
  '  "x9!kkQ2-lm88vv31"',
  `key: '${'AKIA'}ABCDEFGH12345678',`,
  `const t = "ghp_${'aB3dE5fG7h'.repeat(4)}";`,
  'API_TOKEN: q7w8e9r0t1y2u3q9w1',
  '',
  '}',
  '// see https://example.com/a/b',
  'db = "postgres://app:s3cr3tPassw0rd@db.internal/x"',
  // Made to be looked at for ever.
  `const a = "${'sk-0-'.repeat(60)}"; password =`,
];

describe('a redactor that has seen the text before', () => {
  it('says the same as one that has not, however the text was edited', () => {
    const random = randomFrom(11);
    const redactor = createRedactor();
    const draw = () => LINES[random(LINES.length)]!;
    let lines = Array.from({ length: 200 }, draw);
    let found = 0;
    for (let run = 0; run < 3000; run++) {
      const at = lines.length - 1 - (random(4) === 0 ? random(lines.length - 1) : random(6));
      const change = random(5);
      if (change === 0) lines[at] = draw();
      else if (change === 1) lines[at] += draw()[random(5)] ?? '"';
      else if (change === 2) lines[at] = lines[at]!.slice(0, -1);
      else if (change === 3) lines.splice(at, 0, draw());
      else lines.splice(at, 1, draw(), draw());
      if (lines.length > 400) lines = lines.slice(0, 200);
      const text = lines.join(random(20) === 0 ? '\r\n' : '\n').slice(random(10) === 0 ? random(400) : 0);
      const cut = random(3) === 0 ? text.slice(0, -random(40)) : text;
      const expected = redactSecrets(cut);
      expect(redactor.redact(cut, 'one')).toEqual(expected);
      found += expected.count;
    }
    expect(found).toBeGreaterThan(100_000);
  });

  it('says the same when it has to forget, and takes texts larger than it may hold', () => {
    const redactor = createRedactor(20_000);
    const secret = `const t = "ghp_${'aB3dE5fG7h'.repeat(4)}";\n`;
    for (let run = 0; run < 30; run++) {
      const text = `${'const x = 1;\n'.repeat(200 + 100 * run)}${secret}${'y\n'.repeat(run)}`;
      for (const name of ['a', 'b', `${run}`]) expect(redactor.redact(text, name)).toEqual(redactSecrets(text));
    }
  });

  it('keeps the texts of series apart and gives back the very text when there is nothing to hide', () => {
    const redactor = createRedactor();
    const clean = 'const x = 1;\n'.repeat(400);
    const secret = `${clean}const t = "ghp_${'aB3dE5fG7h'.repeat(4)}";\n`;
    expect(redactor.redact(secret, 'a').count).toBe(1);
    expect(redactor.redact(clean, 'b').text).toBe(clean);
    expect(redactor.redact(`${secret}y`, 'b').count).toBe(1);
    expect(redactor.redact(`${clean}y`, 'a').count).toBe(0);
  });
});
