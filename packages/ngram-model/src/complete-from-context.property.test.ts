import { type Random, randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { type NgramRequest, completeFromContext } from './index.ts';

const LINES = [
  'const total = sum(prices);',
  'if (total > limit) {',
  '  return total;',
  '}',
  '',
  'print("größe 👻", total);',
  'switch (kind) {',
  '  case 1:',
  '    return one(1);',
  '</div>',
  '    self.width = width',
  '# comment 👻👻',
  '\t"key": [1, 2, 3],',
  ']);',
  '😀',
  '   ',
];

/** Lines that repeat, as code does, some with other names, some damaged. */
function codeLike(random: Random, lines: number): string {
  const eol = random(4) === 0 ? '\r\n' : '\n';
  return Array.from({ length: lines }, () => {
    const line = LINES[random(LINES.length)]!;
    if (random(5) === 0) return line.replaceAll('total', 'count').replaceAll('1', '2');
    return random(8) === 0 ? line.slice(0, random(line.length + 1)) : line;
  }).join(eol);
}

function randomUnits(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(random(0x1_00_00))).join('');
}

function requestFrom(seed: number): NgramRequest {
  const random = randomFrom(seed);
  const text = random(12) === 0 ? randomUnits(random, random(400)) : codeLike(random, 4 + random(40));
  const cursor = random(text.length + 1);
  return {
    prefix: text.slice(0, cursor),
    // Sometimes the text goes on, sometimes something is missing, sometimes nothing follows.
    suffix: [text.slice(cursor), text.slice(cursor + random(30)), ''][random(3)]!,
    snippets: Array.from({ length: random(3) }, () => codeLike(random, random(30))),
    maxChars: [400, 20, 3][random(3)]!,
    candidates: 1 + random(4),
    singleLine: random(2) === 0,
  };
}

const REQUESTS = Array.from({ length: 1_500 }, (_, seed) => requestFrom(seed));
const ANSWERS = REQUESTS.map((request) => completeFromContext(request, () => 0));

describe('whatever the texts', () => {
  it('it speaks often enough for the properties below to mean something', () => {
    expect(ANSWERS.filter((answer) => answer.length > 0).length).toBeGreaterThan(150);
  });

  it('text is well-formed UTF-16 at the cursor, not blank, and within its limits', () => {
    for (const [index, { maxChars, candidates, singleLine }] of REQUESTS.entries()) {
      expect(ANSWERS[index]!.length).toBeLessThanOrEqual(candidates);
      for (const { text, confidence } of ANSWERS[index]!) {
        expect(text.isWellFormed()).toBe(true);
        expect(text.trim()).not.toBe('');
        expect(text.length).toBeLessThanOrEqual(maxChars);
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThanOrEqual(1);
        if (singleLine) expect(text).not.toContain('\n');
      }
    }
  });

  it('text is never what follows the cursor already', () => {
    for (const [index, { prefix, suffix }] of REQUESTS.entries()) {
      const follows = suffix
        .trimStart()
        .split(/(?<=\w)(?!\w)|(?<!\w)/)
        .slice(0, 400);
      const line = prefix.slice(prefix.lastIndexOf('\n') + 1);
      for (const { text } of ANSWERS[index]!) {
        for (const inserted of [text.trim(), (line + text).trim()]) {
          const end = follows.findIndex((_, at) => follows.slice(0, at + 1).join('') === inserted);
          expect(end, `${JSON.stringify(text)} follows already`).toBe(-1);
        }
      }
    }
  });

  it('the same request has the same answer', () => {
    for (const [index, request] of REQUESTS.slice(0, 300).entries())
      expect(completeFromContext(structuredClone(request), () => 0)).toEqual(ANSWERS[index]);
  });
});

describe('a megabyte of', () => {
  const random = randomFrom(1);
  const megabyte = 1 << 20;
  const adversarial = {
    'one line': 'foo(bar, '.repeat(megabyte / 9),
    'one word': 'a'.repeat(megabyte),
    'brackets only': '([{'.repeat(megabyte / 3),
    'line breaks only': '\n'.repeat(megabyte),
    'random units': randomUnits(random, megabyte),
    'random bytes': Array.from({ length: megabyte }, () => String.fromCharCode(random(256))).join(''),
    'two words': 'foo bar '.repeat(megabyte / 8),
    'one block': 'if (x) {\n  foobar(x);\n'.repeat(megabyte / 22),
    'a growing fence': Array.from({ length: 1_400 }, (_, length) => 'a'.repeat(length) + 'b ').join(''),
    'different names': Array.from({ length: megabyte / 8 }, (_, n) => `n${n} `).join(''),
  };

  it.each(Object.entries(adversarial))('%s does not keep it from ending in time', (_, text) => {
    // What the clock cannot tell on a shared machine is counted: how often the work asks for the time is how long it is.
    const asked = (deadlineMs: number) => {
      let calls = 0;
      const tick = () => (calls += 1);
      completeFromContext(
        {
          prefix: text,
          suffix: `)\n${text}`,
          snippets: [text],
          maxChars: 400,
          candidates: 5,
          singleLine: false,
          deadlineMs,
        },
        tick,
      );
      return calls;
    };
    expect(asked(20)).toBeLessThanOrEqual(20 + 4);
    expect(asked(1e9)).toBeLessThan(600);
  });
});
