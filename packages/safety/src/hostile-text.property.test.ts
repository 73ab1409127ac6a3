import { type Random, randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { secretNames } from './assignment.ts';
import { createEffort } from './effort.ts';
import { ownRules } from './own-rules.ts';
import { generatedRules } from './rules.generated.ts';
import { findSecrets } from './secret-finder.ts';
import type { FoundSecret } from './secret-rule.ts';
import { exampleOf } from './testing/example-of.ts';
import { plainlyFound } from './testing/plain-finder.ts';

const rules = [...generatedRules, ...ownRules];
const punctuation = `= | = |: |:|"|'|\`|\n|\r\n| |\t|-|_|.|/|@|\\n|//|]|: string = `.split('|');
const values = `a|A|1|aB3|é|ſ|K|😀|a1b2c3d4e5f6|ABCDEFGH12345678|${'x'.repeat(41)}|${'aB3dE5fG7h'.repeat(4)}`.split(
  '|',
);
const beginnings = 'export |- |  |://|user|:a1b2c3@|eyJhbGciOiJF|~redacted|${x}|config.value'.split('|');
const PIECES = [
  ...rules.flatMap(({ anchors }) => anchors),
  ...secretNames,
  'password',
  'api_key',
  'SECRET_ACCESS_KEY',
  ...punctuation,
  ...values,
  ...beginnings,
];

const draw = (random: Random, from: readonly string[]) => from[random(from.length)]!;

/** Text from the pieces that rules are about: now any of them, now a few of them over and over, now with examples of secrets. */
function hostileText(random: Random): string {
  const few = Array.from({ length: 1 + random(5) }, () => draw(random, PIECES));
  const kind = random(3);
  const parts = Array.from({ length: 10 + random(150) }, () => {
    if (kind === 0) return draw(random, few);
    if (kind === 1 && random(12) === 0) return exampleOf(rules[random(rules.length)]!, random);
    return draw(random, PIECES);
  });
  return parts.join('');
}

const isCovered = (secret: FoundSecret, found: readonly FoundSecret[]) =>
  found.some(({ start, end }) => start <= secret.start && end >= secret.end);

/** Overlapping secrets are joined into one. */
function isMadeOf({ start, end }: FoundSecret, parts: readonly FoundSecret[]): boolean {
  let at = start;
  for (const part of parts.toSorted((a, b) => a.start - b.start))
    if (part.start <= at && part.end <= end) at = Math.max(at, part.end);
  return at === end;
}

describe('what is found in hostile text', () => {
  it('is all that there is, and no more unless a line was made to be read for ever', () => {
    const random = randomFrom(17);
    const seen = { secrets: 0, undecided: 0, decided: 0 };
    for (let run = 0; run < 400; run++) {
      const text = hostileText(random);
      const found = findSecrets(text);
      const plain = plainlyFound(text);
      const missed = plain.filter((secret) => !isCovered(secret, found));
      if (missed.length > 0) expect.fail(`${JSON.stringify(missed)} was not found in ${JSON.stringify(text)}`);
      seen.secrets += plain.length;
      if (found.some(({ family }) => family === 'undecided')) {
        seen.undecided += 1;
        continue;
      }
      seen.decided += 1;
      const invented = found.filter((secret) => !isMadeOf(secret, plain));
      if (invented.length > 0) expect.fail(`${JSON.stringify(invented)} was found in ${JSON.stringify(text)}`);
    }
    expect(seen.secrets).toBeGreaterThan(500);
    expect(seen.decided).toBeGreaterThan(300);
    expect(seen.undecided).toBeGreaterThan(3);
  });
});

describe('a line that is made to be read for ever', () => {
  const families = (text: string) => findSecrets(text).map(({ family }) => family);
  const secret = `ghp_${'aB3dE5fG7h'.repeat(4)}`;

  it.each(['sk-0-', 'ghs_1_', 'gl_', '_authToken=', 'xai-1'])('of %s is overwritten from its first on', (piece) => {
    const line = piece.repeat(2000);
    const text = `const a = 1;\nconst b = ${line}\nconst c = "${secret}";\n`;
    const [first, ...others] = findSecrets(text);
    expect(first).toMatchObject({ start: text.indexOf(line), end: text.indexOf(line) + line.length });
    expect(others.map(({ family }) => family)).toEqual(['github']);
  });

  it('does not hide what is given to a name in it, on the next line', () => {
    const text = `${'sk-0-'.repeat(2000)} password =\n  "x9!kkQ2-lm88vv31"\n`;
    expect(families(text)).toEqual(['undecided', 'assigned']);
  });

  it('spends what it has alone: other lines have theirs', () => {
    const effort = createEffort(`${'a'.repeat(300)}\n${'b'.repeat(40)} ${'c'.repeat(40)}`);
    const spent = Array.from({ length: 10 }, () => effort.spend(0, 1000));
    expect(spent).toEqual([...Array.from({ length: 8 }, () => true), false, false]);
    expect(effort.undecided()).toEqual({ start: 0, end: 300 });
    expect(effort.undecided()).toBeUndefined();
    // A run of forty characters, of the 8 × 128 that a short line has.
    expect(Array.from({ length: 30 }, () => effort.spend(301, 1000)).filter(Boolean)).toHaveLength(25);
    expect(effort.undecided()).toEqual({ start: 301, end: 382 });
  });
});
