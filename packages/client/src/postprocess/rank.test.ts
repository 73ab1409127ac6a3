import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw.ts';
import { fitCompletion } from './fit.ts';
import { type Candidate, rankCandidates } from './rank.ts';
import type { Surroundings } from './surroundings.ts';

function placeIn(drawing: string, language = 'typescript'): Surroundings {
  const { text, cursor } = draw(drawing);
  return { prefix: text.slice(0, cursor), suffix: text.slice(cursor), eol: '\n', language, extent: 'block' };
}

/** The texts in the order to offer them. */
function ranked(around: Surroundings, texts: readonly string[], more: Partial<Candidate> = {}): string[] {
  const candidates = texts.map((text, index) => ({ index, text, raw: text, ...more }));
  return rankCandidates(candidates, around).map((index) => texts[index]!);
}

describe('the order of candidates', () => {
  it('is the model’s own where nothing else speaks for one', () => {
    expect(ranked(placeIn('const a = █'), ['load();', 'read();', 'open();'])).toEqual([
      'load();',
      'read();',
      'open();',
    ]);
  });

  it('puts what leaves brackets open behind what closes them', () => {
    const around = placeIn('function f() {\n  █\n}\n');
    expect(ranked(around, ['if (a) {\n    b(', 'if (a) b();', 'return a;'])).toEqual([
      'if (a) b();',
      'return a;',
      'if (a) {\n    b(',
    ]);
  });

  it('puts an open string last, but does not mind one that the document closes', () => {
    expect(ranked(placeIn('const a = █'), ["'abc", "'abc'"])).toEqual(["'abc'", "'abc"]);
    expect(ranked(placeIn("say('█')"), ['abc', 'abd'])).toEqual(['abc', 'abd']);
  });

  it('does not count what a candidate has open while it is still coming', () => {
    const around = placeIn('function f() {\n  █\n}\n');
    const texts = ['if (a) {\n    b(', 'return a;'];
    expect(ranked(around, texts, { goesOn: true })).toEqual(texts);
  });

  it('prefers what leaves the rest of the line whole', () => {
    expect(ranked(placeIn('foo(█)'), ['a;', 'a'])).toEqual(['a', 'a;']);
  });

  it('prefers what does not stand around the cursor already', () => {
    const around = placeIn('load(first);\n█\nload(second);\n');
    expect(ranked(around, ['load(first);', 'save(first);'])).toEqual(['save(first);', 'load(first);']);
  });

  it('prefers a text that says something to a single sign, and one that is read at a glance to one of forty lines', () => {
    const long = Array.from({ length: 40 }, (_, i) => `line${i}();`).join('\n');
    expect(ranked(placeIn('█'), [';', long, 'load();'])).toEqual(['load();', ';', long]);
  });

  it('prefers what came whole to what was cut off', () => {
    const around = placeIn('█');
    const candidates = [
      { index: 0, text: 'a();', raw: 'a();\nx();\ny();\nz();' },
      { index: 1, text: 'b();', raw: 'b();' },
    ];
    expect(rankCandidates(candidates, around)).toEqual([1, 0]);
  });

  it('lets the confidence of the model decide among texts that are as good, not over syntax', () => {
    const around = placeIn('const a = █');
    const candidates = ['f(', 'g()', 'h()'].map((text, index) => ({ index, text, raw: text }));
    const confidence = ({ index }: Candidate) => [1, 0.1, 0.9][index]!;
    expect(rankCandidates(candidates, around, confidence)).toEqual([2, 1, 0]);
  });
});

describe('candidates that say the same', () => {
  it('are one, but for white space', () => {
    expect(ranked(placeIn('█'), ['a();\nb();', 'a();  \nb();\n', ' a();\nb();', 'c();'])).toEqual([
      'a();\nb();',
      'c();',
    ]);
  });

  it('are told apart by white space that means something', () => {
    const texts = ['if a:\n    b()\n    c()', 'if a:\n    b()\nc()'];
    expect(ranked(placeIn('█', 'python'), texts)).toEqual(texts);
  });

  it('leave the one that is on screen', () => {
    const candidates = [
      { index: 0, text: 'a()', raw: 'a()' },
      { index: 1, text: 'a() ', raw: 'a() ', shownAt: 0 },
    ];
    expect(rankCandidates(candidates, placeIn('█'))).toEqual([1]);
  });
});

describe('a candidate on screen', () => {
  it('keeps its place when a better one comes', () => {
    const around = placeIn('const a = █');
    const candidates = [
      { index: 0, text: 'f(', raw: 'f(', shownAt: 0 },
      { index: 1, text: 'g()', raw: 'g()' },
      { index: 2, text: 'h()', raw: 'h()', shownAt: 1 },
    ];
    expect(rankCandidates(candidates, around)).toEqual([0, 2, 1]);
  });

  it('keeps its place however the others come in', () => {
    const random = randomFrom(21);
    const pieces = ['a', '(', ')', ' = ', ';', '\n', 'foo()', '{', '}', '"'];
    for (let run = 0; run < 300; run++) {
      const around = placeIn(['█', 'foo(█)', 'function f() {\n  █\n}\n'][random(3)]!);
      const all: Candidate[] = [];
      for (let index = 0; index < 5; index++) {
        const raw = Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]!).join('');
        const fitted = fitCompletion(raw, around, { goesOn: false });
        if (fitted.kind === 'fits') all.push({ index, text: fitted.text, raw, covers: fitted.covers });
      }
      let order: readonly number[] = [];
      for (let count = 1; count <= all.length; count++) {
        const now = all.slice(0, count).map((candidate) => {
          const shownAt = order.indexOf(candidate.index);
          return shownAt < 0 ? candidate : Object.assign({ shownAt }, candidate);
        });
        const next = rankCandidates(now, around);
        expect(next.slice(0, order.length), JSON.stringify(now)).toEqual(order);
        order = next;
      }
      expect(new Set(order).size).toBe(order.length);
    }
  });
});
