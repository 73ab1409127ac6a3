import { type Random, randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createStreamGuard, redactSecrets } from './index.ts';
import { ownRules } from './own-rules.ts';
import { generatedRules } from './rules.generated.ts';
import { exampleOf } from './testing/example-of.ts';

// Put together here, so that no scanner takes this file for a leak.
const fake = (prefix: string, length: number) => prefix + 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xY'.repeat(8).slice(0, length);

interface Played {
  readonly shown: string;
  readonly family: string | undefined;
}

/** What is shown of `answer` when it comes in pieces that end at `ends`. */
function play(answer: string, ends: readonly number[], before = '', after = ''): Played {
  const guard = createStreamGuard(before, after);
  let shown = '';
  let from = 0;
  for (const end of [...ends, answer.length]) {
    const verdict = guard.feed(answer.slice(from, end));
    shown += verdict.text;
    if (verdict.kind === 'secret') return { shown, family: verdict.family };
    from = end;
  }
  const last = guard.end();
  return { shown: shown + last.text, family: last.kind === 'secret' ? last.family : undefined };
}

const everyCharacter = (answer: string) => Array.from({ length: answer.length }, (_, at) => at);
const atRandom = (answer: string, random: Random) => everyCharacter(answer).filter(() => random(5) === 0);

describe('a guard over a stream', () => {
  it('shows nothing of a secret beyond the beginning that all of its kind have, at every chunking', () => {
    const random = randomFrom(21);
    for (const rule of [...generatedRules, ...ownRules]) {
      const secret = exampleOf(rule, random);
      const answer = `const a = 1;\nconst b = f("${secret}");\nconst c = 3;\n`;
      if (redactSecrets(answer).count === 0) continue;
      for (const ends of [[], everyCharacter(answer), ...Array.from({ length: 10 }, () => atRandom(answer, random))]) {
        const { shown, family } = play(answer, ends);
        expect(family, secret).toBeDefined();
        expect(`const a = 1;\nconst b = f("${secret}`.startsWith(shown), shown).toBe(true);
        const said = shown.split('f("')[1] ?? '';
        const known =
          said.length <= 40 && (rule.group !== undefined || rule.anchors.some((anchor) => anchor.startsWith(said)));
        expect(known, `${said} of ${secret}`).toBe(true);
        expect(shown.slice(0, shown.lastIndexOf('\n') + 1)).toBe('const a = 1;\n');
      }
    }
  });

  it('cuts at each place of two, whatever stands around it', () => {
    const answer = `f(1);\nconst key = "${fake('ghp_', 36)}";\n`;
    for (let first = 0; first <= answer.length; first++) {
      const { shown, family } = play(answer, [first]);
      expect(family).toBe('github');
      expect(
        [
          'f(1);\n',
          'f(1);\nconst key = "',
          'f(1);\nconst key = "ghp',
          'f(1);\nconst key = "gh',
          'f(1);\nconst key = "g',
        ].some((text) => text.startsWith(shown) || shown === text),
      ).toBe(true);
    }
  });

  it.each([
    ['a password', 'const password = "', 'Tr0ub4dor&3xyz', '";\n', ''],
    ['a password that the editor has closed already', 'const password = "', 'Tr0ub4dor&3xyz', '', '";\n'],
    ['a value on the next line', 'const secret =\n', '  "q7w8e9r0t1y2u3"', ';\n', ''],
    ['a setting', 'API_TOKEN=', 'q7w8e9r0t1y2u3q9w1', '\n', ''],
    ['the rest of a token', `x("${fake('ghp_', 10)}`, fake('', 26), '")\n', ''],
    ['the login of a URL', 'db = "postgres://', 'app:s3cr3tPassw0rd', '@db/x"\n', ''],
    ['a private key', `pem = """-----BEGIN RSA PRIVATE ${'KEY'}-----\n`, fake('MIIE', 60), '\n', ''],
    ['a key of AWS', 'aws_secret_access_key = ', fake('', 40), '\n', ''],
  ])('holds back %s that continues the text before the cursor', (_name, before, secret, rest, after) => {
    const answer = secret + rest;
    for (const ends of [[], everyCharacter(answer)]) {
      const { shown, family } = play(answer, ends, `f();\n${before}`, after);
      expect(family).toBeDefined();
      expect(['', '  ', '  "'], shown).toContain(shown);
    }
  });

  it.each([
    'const token = tokens[index];\nconst key = map.get(token.key);\n',
    'if (password === "password") return keys.filter((key) => key.id);\n',
    'fetch("https://api.example.com:8080/v1/login?token=1");\n',
    'const url = `https://${user}:${password}@host1/`;\n',
    'task-123 and disk-456 are sk- but gl_Position and gl_FragCoord\n',
    `if (text.startsWith('-----BEGIN PRIVATE ${'KEY'}-----')) return "no key";\n`,
    'secretKey = ',
    'a = "eyJ',
    'token: string;\n  secret: string;\n  apiKey?: string | undefined;\n',
  ])('shows all of %j', (answer) => {
    for (const ends of [[], everyCharacter(answer)])
      expect(play(answer, ends)).toEqual({ shown: answer, family: undefined });
  });

  it('finds the same secrets at every chunking of random code', () => {
    const random = randomFrom(5);
    const pieces = [
      'token',
      'key',
      ' = ',
      '"',
      'ghp_',
      fake('', 36),
      '\n',
      'sk-',
      'x',
      ' ',
      'secret',
      ':',
      'Tr0ub4dor&3xyz',
      '://',
      'a:b',
      '@',
      '.',
      'AKIA',
      'ABCDEFGH12345678',
      '(',
      'eyJ',
      '_',
      '🙂',
      'API_TOKEN=q7w8e9r0t1y2u3q9w1',
      '  ',
    ];
    let secrets = 0;
    for (let run = 0; run < 3000; run++) {
      const answer = Array.from({ length: 2 + random(25) }, () => pieces[random(pieces.length)]!).join('');
      const whole = play(answer, []);
      for (const ends of [everyCharacter(answer), atRandom(answer, random)]) {
        const parts = play(answer, ends);
        expect(parts.family, JSON.stringify(answer)).toBe(whole.family);
        expect(lines(parts.shown), JSON.stringify(answer)).toBe(lines(whole.shown));
        if (!whole.family) expect(parts.shown).toBe(answer);
      }
      // What is let through has no secret in it. The part of a line that was cut may read as a value of its own; clients drop it.
      const kept = whole.family ? lines(whole.shown) : whole.shown;
      expect(redactSecrets(kept).count, JSON.stringify(answer)).toBe(0);
      if (whole.family) secrets += 1;
    }
    expect(secrets).toBeGreaterThan(200);
  });

  it('holds back no more than 2,048 characters', () => {
    const guard = createStreamGuard('');
    let fed = 0;
    for (; fed < 10_000; fed += 10) if (guard.feed(fed === 0 ? 'eyJaaaaaaa' : 'aaaaaaaaaa').kind === 'secret') break;
    expect(fed).toBeLessThan(2_100);
  });
});

const lines = (text: string) => text.slice(0, text.lastIndexOf('\n') + 1);
