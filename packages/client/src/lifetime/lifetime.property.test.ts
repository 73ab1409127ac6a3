import { TelemetryEvent } from '@ghostline/protocol';
import { type Random, randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import type { Suggestion } from '../types.ts';
import { openPage } from './testing/page.ts';

/** Code in which every word begins with `qzx`, which nothing in an event does. */
function code(random: Random, lines: number): string {
  const word = () => `qzx${random(400).toString(36)}`;
  const line = () =>
    [
      () => `const ${word()} = ${word()}(${word()}, ${random(9)});`,
      () => `if (${word()}) {`,
      () => `}`,
      () => `${word()}.${word()}[${word()}] += "${word()}";`,
      () => `return ${word()};`,
    ][random(5)]!();
  return Array.from({ length: lines }, line).join('\n  ');
}

const ENDS = /^completion-(accepted|typed-through|rejected|ignored)$/;

/** Anything that can happen in an editor, in any order. */
async function live(random: Random, steps: number) {
  const page = openPage(`${code(random, 3)}\n█\n${code(random, 3)}`);
  const { lifetime, clock } = page;
  const texts = new Map<string, string>();
  let current: { suggestion: Suggestion; text: string; typed: number } | undefined;
  const anywhere = () => random(page.text.length + 1);
  const how = () => (random(2) === 0 ? 'measured' : 'inferred');

  const actions: (() => unknown)[] = [
    () => {
      page.moveTo(random(3) === 0 ? anywhere() : page.cursor);
      const text = code(random, 1 + random(4));
      const suggestion = page.suggest(text, how());
      current = { suggestion, text, typed: 0 };
      texts.set(suggestion.viewId, text);
    },
    () => {
      if (!current || current.typed === current.text.length) return;
      page.type(current.text[current.typed]!);
      current.typed += 1;
    },
    () => {
      if (!current) return;
      const part = /^\W*\w*/.exec(current.text.slice(current.typed))![0];
      const upTo = current.typed + part.length;
      const said = random(3);
      const of = current.suggestion;
      if (said === 0) lifetime.partiallyAccepted(of, upTo);
      page.edit(page.cursor, 0, part);
      if (said === 1) lifetime.partiallyAccepted(of, upTo);
      current.typed = upTo;
    },
    () => {
      if (!current) return;
      page.edit(page.cursor, 0, current.text.slice(current.typed));
      if (random(4) > 0) lifetime.accepted(current.suggestion.viewId, 'measured');
      current = undefined;
    },
    async () => {
      const text = `${random(90)} + 1;`;
      const suggestion = page.suggest(text, how());
      texts.set(suggestion.viewId, text);
      current = undefined;
      await clock.advance(500);
      page.type(text);
    },
    () => current && lifetime.accepted(current.suggestion.viewId, how()),
    () => current && lifetime.dismissed(current.suggestion.viewId, random(2) === 0 ? 'rejected' : 'ignored', how()),
    () => current && lifetime.shown(current.suggestion.viewId, how()),
    () => lifetime.superseded(),
    () => page.type(['qzxother', ' ', ')', '{', '\n'][random(5)]!),
    () => page.cursor > 0 && page.edit(page.cursor - 1, 1, ''),
    () => {
      const offset = anywhere();
      page.edit(offset, Math.min(random(60), page.text.length - offset), random(2) === 0 ? '' : code(random, 1));
    },
    () => {
      const offset = anywhere();
      const cut = page.text.slice(offset, offset + random(120));
      page.edit(offset, cut.length, '');
      page.edit(anywhere(), 0, cut);
    },
    () => page.edit(0, page.text.length, page.text.replaceAll('  ', '\t')),
    () => clock.advance(random(1500)),
    async () => {
      const text = code(random, 1);
      texts.set(page.suggest(text, how()).viewId, text);
      current = undefined;
      await clock.advance(300);
      page.type('#');
    },
    () => clock.advance(random(3) === 0 ? 400_000 : 20_000),
  ];
  for (let step = 0; step < steps; step++) await actions[random(actions.length)]!();
  lifetime.dispose();
  await clock.advance(1_000_000);
  return { events: page.events, texts };
}

describe('whatever happens in an editor', () => {
  it('each view that is counted comes to one end, and no more is accepted than was suggested', async () => {
    const random = randomFrom(11);
    const seen = new Map<string, number>();
    for (let run = 0; run < 80; run++) {
      const { events, texts } = await live(random, 60);
      for (const [viewId, own] of Map.groupBy(events, (event) => event.view_id)) {
        const types = own.map(({ type }) => type);
        for (const type of types) seen.set(type, (seen.get(type) ?? 0) + 1);
        expect(types[0]).toBe('completion-shown');
        expect(types.filter((type) => type === 'completion-shown')).toHaveLength(1);
        // What was concluded is put right when the editor says, however late, that it was accepted.
        const ends = types.filter((type) => ENDS.test(type)).join(' ');
        expect(ends).toMatch(
          /^(completion-(rejected|ignored) )?completion-accepted$|^completion-(rejected|ignored|typed-through)$/,
        );

        const size = texts.get(viewId)!.length;
        const accepted = own.flatMap((event) =>
          event.type === 'completion-accepted' || event.type === 'completion-partially-accepted'
            ? event.accepted_chars
            : [],
        );
        expect(accepted.reduce((sum, chars) => sum + chars, 0)).toBeLessThanOrEqual(size);

        const retained = own.flatMap((event) => (event.type === 'completion-retained' ? event : []));
        const first = types.indexOf('completion-retained');
        const taken = types.findIndex((type) => type.endsWith('accepted'));
        if (first >= 0) expect(taken >= 0 && taken < first).toBe(true);
        expect(new Set(retained.map(({ after_s }) => after_s)).size).toBe(retained.length);
      }
      expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    }
    // Every kind has come, and often: what is said above was not said of nothing.
    expect(seen.size).toBe(7);
    for (const [type, count] of seen) expect(count, type).toBeGreaterThan(20);
  });

  it('no event holds a word of the code, and the server takes each', async () => {
    const random = randomFrom(12);
    let retained = 0;
    for (let run = 0; run < 40; run++) {
      const { events } = await live(random, 60);
      expect(JSON.stringify(events)).not.toContain('qzx');
      for (const event of events) expect(TelemetryEvent.safeParse(event).success).toBe(true);
      retained += events.filter(({ type }) => type === 'completion-retained').length;
    }
    expect(retained).toBeGreaterThan(50);
  });
});

describe('whatever happens around an accepted text', () => {
  it('it is unchanged while nobody touches it, wherever it is moved, and all changed once it is deleted', async () => {
    const random = randomFrom(13);
    for (let run = 0; run < 200; run++) {
      const page = openPage(`${code(random, 20)}\n\n█\n\n${code(random, 20)}`);
      // A word of its own, so that this text cannot be found in what is written around it.
      const text = `qzxown${run}(${code(random, 1 + random(6))}) => qzxother${run};`;
      page.take(text);
      const elsewhere = (): number => {
        const at = page.text.indexOf(text);
        const offset = page.text.lastIndexOf('\n', random(page.text.length)) + 1;
        return offset <= at || offset > at + text.length ? offset : elsewhere();
      };
      for (let step = random(6); step > 0; step--) {
        const at = page.text.indexOf(text);
        const offset = elsewhere();
        [
          () => page.edit(offset, 0, `${code(random, 1)}\n`),
          () => page.edit(0, random(at), ''),
          () => page.edit(at + text.length, random(40), ' '),
          () => (page.edit(at, text.length, ''), page.edit(Math.min(offset, page.text.length), 0, `\n${text}\n`)),
          () => page.edit(0, page.text.length, `\n${page.text}`),
          () => page.edit(0, page.text.length, page.text.replaceAll('\n  ', '\n\t\t')),
        ][random(text.includes('\n') ? 5 : 6)]!();
      }
      await page.clock.advance(15_000);
      page.edit(page.text.indexOf(text), text.length, '');
      await page.clock.advance(15_000);
      expect(page.ratios, `run ${run}`).toEqual([
        [15, 0],
        [30, 1],
      ]);
    }
  });

  it('the share that is changed lies between nothing and all', async () => {
    const random = randomFrom(14);
    const ratios: number[] = [];
    for (let run = 0; run < 200; run++) {
      const page = openPage(`${code(random, 4)}\n█\n${code(random, 4)}`);
      page.take(code(random, 1 + random(5)));
      for (let step = 0; step < 8; step++) {
        const offset = random(page.text.length + 1);
        page.edit(offset, Math.min(random(30), page.text.length - offset), random(2) ? code(random, 1) : '');
      }
      await page.clock.advance(15_000);
      ratios.push(...page.ratios.map(([, ratio]) => ratio));
    }
    expect(ratios).toHaveLength(200);
    expect(ratios.every((ratio) => ratio >= 0 && ratio <= 1)).toBe(true);
    expect(ratios.filter((ratio) => ratio > 0 && ratio < 1).length).toBeGreaterThan(50);
  });
});
