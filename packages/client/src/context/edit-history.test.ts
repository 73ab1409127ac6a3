import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw.ts';
import { createEditHistory } from './edit-history.ts';
import { openSession, opened } from './testing/session.ts';

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i};`);
const numbered = lines(12);

function historyOf(...texts: readonly (readonly string[])[]) {
  const history = createEditHistory();
  for (const [at, text] of texts.entries()) history.observe(opened('a.ts', text.join('\n')), at);
  return history.edited()[0]?.hunks.map(({ before, start, end }) => ({ before, start, end })) ?? [];
}

describe('an edit', () => {
  it('is what the lines were, and where they are', () => {
    expect(historyOf(numbered, numbered.with(4, 'new;'))).toEqual([{ before: ['line 4;'], start: 4, end: 5 }]);
    expect(historyOf(numbered, numbered.toSpliced(4, 2))).toEqual([
      { before: ['line 4;', 'line 5;'], start: 4, end: 4 },
    ]);
    expect(historyOf(numbered, numbered.toSpliced(4, 0, 'in;'))).toEqual([{ before: [], start: 4, end: 5 }]);
  });

  it('is one with what was edited next to it, and moves with lines above it', () => {
    const once = numbered.with(6, 'six;');
    const twice = once.with(8, 'eight;');
    expect(historyOf(numbered, once, twice)).toEqual([{ before: numbered.slice(6, 9), start: 6, end: 9 }]);
    expect(historyOf(numbered, once, once.toSpliced(1, 0, 'a;', 'b;'))[1]).toEqual({
      before: ['line 6;'],
      start: 8,
      end: 9,
    });
  });

  it('is none when it is undone', () => {
    expect(historyOf(numbered, numbered.with(4, 'new;'), numbered)).toEqual([]);
  });

  it('at many places at once is many', () => {
    const renamed = numbered.map((line, i) => (i % 4 === 0 ? line.replace('line', 'row') : line));
    expect(
      historyOf(numbered, renamed)
        .map(({ start }) => start)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 4, 8]);
  });

  it('in a text too large to compare is not followed', () => {
    const large = lines(60_000);
    expect(historyOf(large, large.with(5, 'new;'))).toEqual([]);
  });
});

describe('whatever is edited', () => {
  it('the text that was there first comes back when every hunk is taken back', () => {
    const random = randomFrom(11);
    let hunks = 0;
    for (let run = 0; run < 300; run++) {
      const history = createEditHistory();
      let text = Array.from({ length: random(30) }, () => 'abc'[random(3)]!).join('\n');
      const first = text;
      history.observe(opened('a.ts', text), 0);
      for (let step = 1; step <= 8; step++) {
        const at = random(text.length + 1);
        const inserted = ['', 'x', '\n', 'x\ny\n', '\n\n', 'a'][random(6)]!;
        text = text.slice(0, at) + inserted + text.slice(Math.min(text.length, at + random(6)));
        if (random(4) === 0) text = text.replaceAll('a', 'A');
        history.observe(opened('a.ts', text), step);
        const edited = history.edited()[0];
        let back: readonly string[] = text.split('\n');
        if (edited) expect(edited.lines).toEqual(back);
        for (const hunk of edited?.hunks.toSorted((a, b) => b.start - a.start) ?? []) {
          back = back.toSpliced(hunk.start, hunk.end - hunk.start, ...hunk.before);
          hunks += 1;
        }
        expect(back.join('\n')).toBe(first);
      }
    }
    expect(hunks).toBeGreaterThan(2000);
  });
});

describe('edits that go along', () => {
  const other = (text: readonly string[]) => draw(`█${text.join('\n')}`, { uri: 'file:///other.ts', path: 'other.ts' });
  const many = lines(400);

  it('are diffs with three lines around them', async () => {
    const session = openSession();
    await session.context(other(numbered));
    await session.context(other(numbered.with(5, 'renamed;')));
    const { snippets } = await session.context('const a█');
    expect(snippets).toEqual([
      {
        path: 'other.ts',
        source: 'recent_edit',
        score: 1.05,
        text: [
          '@@',
          ' line 2;',
          ' line 3;',
          ' line 4;',
          '-line 5;',
          '+renamed;',
          ' line 6;',
          ' line 7;',
          ' line 8;',
        ].join('\n'),
      },
    ]);
  });

  it('are not those near the cursor, which it sees, but those far from it', async () => {
    const session = openSession();
    await session.context(other(many));
    const edited = many.with(200, 'renamed;').join('\n');
    const at = (line: number) => ({ ...other([]), text: edited, cursor: edited.indexOf(`line ${line};`) });
    expect((await session.context(at(250))).snippets).toEqual([]);
    expect((await session.context({ ...at(390), cursor: edited.length })).snippets).toMatchObject([
      { source: 'recent_edit' },
    ]);
  });

  it('are not those of blanks only, those of more than ten lines, nor those of an hour ago', async () => {
    for (const edited of [many.with(5, '  line  5;'), many.toSpliced(5, 11), many.toSpliced(5, 0, ...lines(11))]) {
      const session = openSession();
      await session.context(other(many));
      await session.context(other(edited));
      expect((await session.context('const a█')).snippets).toEqual([]);
    }
    const session = openSession();
    await session.context(other(many));
    await session.context(other(many.with(5, 'renamed;')));
    expect((await session.context('const a█')).snippets).toHaveLength(1);
    await session.clock.advance(3_600_000);
    expect((await session.context('const ab█')).snippets).toEqual([]);
  });

  it('keep their text while lines are typed above them', async () => {
    const session = openSession();
    await session.context(other(many));
    const edited = many.with(300, 'renamed;');
    await session.context(other(edited));
    const texts = new Set<string>();
    for (let typed = 0; typed < 20; typed++) {
      const text = [...lines(typed), ...edited].join('\n');
      const { snippets } = await session.context({ ...other([]), text, cursor: 0 });
      expect(snippets).toHaveLength(1);
      texts.add(snippets[0]!.text);
    }
    expect(texts.size).toBe(1);
  });
});
