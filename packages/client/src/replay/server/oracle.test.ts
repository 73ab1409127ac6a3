import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../recording.ts';
import { type Script, toScript } from '../script.ts';
import { createOracle } from './oracle.ts';

const BEFORE = 'export function total(items: Item[]): number {\n';
const AFTER = '\n}\n\nexport const unrelated = 1;\n';
const TYPED =
  '  const prices = items.map((item) => item.price * item.count);\n  return prices.reduce((a, b) => a + b, 0);';

function typed(text: string, offset: number): RecordedEvent[] {
  return [...text].map((char, i) => ({
    t_ms: 100 * (i + 1),
    kind: 'edit',
    path: 'a.ts',
    offset: offset + i,
    deleted: 0,
    inserted: char,
  }));
}

function scriptOf(before: string, text: string, after: string): Script {
  const open = { t_ms: 0, kind: 'open', path: 'a.ts', language: 'typescript', text: before + after } as const;
  return toScript([open, ...typed(text, before.length)]);
}

const script = scriptOf(BEFORE, TYPED, AFTER);
const ask = (oracle: ReturnType<typeof createOracle>, done: number, candidate = 0) =>
  oracle.continuation({ prefix: BEFORE + TYPED.slice(0, done), suffix: AFTER }, candidate);
const agreement = (text: string, truth: string) => {
  let length = 0;
  while (length < truth.length && text[length] === truth[length]) length += 1;
  return length;
};

describe('the oracle', () => {
  it('says what will be written when it knows every word', () => {
    const oracle = createOracle(script, { rightWords: 1, fading: 1 });
    expect(ask(oracle, 0)).toBe(TYPED);
    expect(ask(oracle, 20)).toBe(TYPED.slice(20));
  });

  it('says the same when asked the same, and something else with another seed', () => {
    const answers = [1, 1, 2].map((seed) => ask(createOracle(script, { seed, rightWords: 0.5 }), 0));
    expect(answers[0]).toBe(answers[1]);
    expect(answers[2]).not.toBe(answers[0]);
  });

  it('is right up to a mistake, stands by it when it is asked again, and goes on rightly behind it', () => {
    let mistakes = 0;
    for (let seed = 0; seed < 20; seed++) {
      const oracle = createOracle(script, { seed, rightWords: 0.7, fading: 1 });
      for (let done = 0; done < TYPED.length; done++) {
        const rightUntil = done + agreement(ask(oracle, done), TYPED.slice(done));
        if (rightUntil >= TYPED.length) continue;
        mistakes += 1;
        // Typed along up to there, it is wrong there still.
        for (let at = done; at <= rightUntil; at++) {
          expect(at + agreement(ask(oracle, at), TYPED.slice(at))).toBe(rightUntil);
        }
      }
      const endings = Array.from({ length: TYPED.length }, (_, at) => at + agreement(ask(oracle, at), TYPED.slice(at)));
      // The further it is typed, the further it is right: no mistake comes back.
      expect(endings).toEqual(endings.toSorted((a, b) => a - b));
      expect(endings.at(-1)).toBe(TYPED.length);
    }
    expect(mistakes).toBeGreaterThan(20);
  });

  it('never knows from afar what it does not know from near by', () => {
    const second = TYPED.indexOf('\n') + 1;
    for (let seed = 0; seed < 30; seed++) {
      const oracle = createOracle(script, { seed, rightWords: 0.9, fading: 0.8 });
      const [far, near] = [ask(oracle, 0), ask(oracle, second)];
      const farSecond = far.slice(far.indexOf('\n') + 1);
      expect(agreement(farSecond, TYPED.slice(second))).toBeLessThanOrEqual(agreement(near, TYPED.slice(second)));
    }
  });

  it('leaves out what stands after the hole already', () => {
    const block = scriptOf('if (x) ', '{\n  go();\n}', '\nnext();');
    const oracle = createOracle(block, { rightWords: 1 });
    expect(oracle.continuation({ prefix: 'if (x) {\n  ', suffix: '\n}\nnext();' }, 0)).toBe('go();');
  });

  it('has no idea of what follows a typing error, nor of places the recording does not touch', () => {
    const oracle = createOracle(script, { rightWords: 1, talkative: 0 });
    expect(oracle.continuation({ prefix: `${BEFORE}  conts`, suffix: AFTER }, 0)).toBe('');
    expect(oracle.continuation({ prefix: 'somewhere else', suffix: '' }, 0)).toBe('');
    const talkative = createOracle(script, { rightWords: 1, talkative: 1 });
    expect(talkative.continuation({ prefix: 'somewhere else', suffix: '' }, 0)).not.toBe('');
  });

  it('believes other things for other candidates', () => {
    const oracle = createOracle(script, { rightWords: 0.3 });
    expect(new Set([0, 1, 2].map((candidate) => ask(oracle, 0, candidate))).size).toBeGreaterThan(1);
  });

  it('takes the next of several places that look alike', () => {
    const open = { t_ms: 0, kind: 'open', path: 'a.ts', language: 'typescript', text: 'x = ' } as const;
    const twice = toScript([
      open,
      { t_ms: 1, kind: 'edit', path: 'a.ts', offset: 4, deleted: 0, inserted: 'first' },
      { t_ms: 2, kind: 'cursor', path: 'a.ts', offset: 0 },
      { t_ms: 3, kind: 'edit', path: 'a.ts', offset: 3, deleted: 6, inserted: '' },
      { t_ms: 4, kind: 'edit', path: 'a.ts', offset: 3, deleted: 0, inserted: ' second' },
    ]);
    const oracle = createOracle(twice, { rightWords: 1 });
    const at = { prefix: 'x =', suffix: '' };
    expect(oracle.continuation(at, 0)).toBe(' second');
    oracle.follow(0);
    expect(oracle.continuation({ prefix: 'x = ', suffix: '' }, 0)).toBe('first');
    oracle.follow(4);
    expect(oracle.continuation({ prefix: 'x = ', suffix: '' }, 0)).toBe('second');
  });
});
