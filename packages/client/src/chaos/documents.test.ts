/** Documents that no editor was made for: what a key costs, where a suggestion stands, and what is put in. */
import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { drawAccepted } from '../testing/draw.ts';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import { eolOf, splitsPair } from '../text/lines.ts';
import type { DocumentSnapshot, Suggestion } from '../types.ts';

const LINE = '  rows.push(makeRow(table, columns)); // 40\n';
const MANY_LINES = LINE.repeat(100_000);

const DOCUMENTS: Record<string, string> = {
  'of 100,000 lines': MANY_LINES,
  'of 100,000 lines with CRLF': MANY_LINES.replaceAll('\n', '\r\n'),
  'of 100,000 empty lines': '\n'.repeat(100_000),
  'of one line of 5 MB': 'const rows = [' + '{"id":1,"name":"a b"},'.repeat(230_000) + '];',
  'of one word of 5 MB': 'a'.repeat(5_000_000),
  'without anything': '',
  'of surrogate pairs only': '😀'.repeat(200_000),
  'of halves of them': '\ud83d'.repeat(100_000),
  'of combining marks only': 'a' + '\u0301'.repeat(200_000),
  'from right to left': '// \u202bשלום עולם\u202c \u2067مرحبا\u2069\nconst שם = "שלום"; \u200f// סוף\n'.repeat(2000),
  'of tabs and both line ends': '\t \t{\r\n \t\t[\n\t}\r\n\n\r\n'.repeat(20_000),
  'of control characters': '\0\0\u0001\u001b[2J\u0007'.repeat(20_000),
  'of opening brackets': '([{'.repeat(100_000),
  'of quotes': '"\'`'.repeat(100_000),
  'of imports': 'import {\n'.repeat(50_000),
  'of what looks like secrets':
    `const key = "${'AKIAIOSFODNN7EXAMPLE'.repeat(3)}";\n-----BEGIN RSA PRIVATE KEY-----\n`.repeat(5000),
};

/** The answer of a model that does not care where it is. */
const ANSWER = 'next(rows, "😀"); // עוד\n\tdone();\n';

/**
 * For one key and its answer, of the processor's time, so that a busy machine does not matter. What a document of 5 MB
 * costs is its copies, some 1 ms each; what looks at it character by character takes 50, and what does so again for each
 * character, minutes.
 */
const BUDGET_MS = 100;
const KEYS = 4;

/** At the beginning, the end, and at a few places between: never inside of a character or a line break. */
function placesIn(text: string): number[] {
  const random = randomFrom(7);
  const places = [
    0,
    text.length,
    Math.floor(text.length / 2),
    ...Array.from({ length: 3 }, () => random(text.length + 1)),
  ];
  return places.map((at) => (splitsPair(text, at) || (text[at - 1] === '\r' && text[at] === '\n') ? at + 1 : at));
}

describe.each(Object.entries(DOCUMENTS))('a document %s', (_, text) => {
  it('takes no longer than any other, and gets what was shown where it was shown', async () => {
    let shown = 0;
    for (const cursor of placesIn(text)) {
      const document: DocumentSnapshot = { uri: 'file:///a.ts', path: 'a.ts', language: 'typescript', text, cursor };
      const editor = openEditor('█');
      editor.open(document);
      const costs: number[] = [];
      for (let key = 0; key < KEYS; key++) {
        const before = process.cpuUsage();
        if (key > 0) editor.type('x');
        const asked = editor.ask({ trigger: key === KEYS - 1 ? 'manual' : 'automatic' });
        await editor.clock.settle();
        editor.server.calls.at(-1)?.answer(ANSWER);
        const outcome = await asked;
        await editor.clock.settle();
        const { user, system } = process.cpuUsage(before);
        costs.push((user + system) / 1000);
        if (outcome.kind !== 'suggested') continue;
        shown += 1;
        judge(outcome.suggestions[0], editor.document);
      }
      const cost = costs.reduce((sum, each) => sum + each, 0);
      expect(cost, `at ${cursor}: ${costs.join(', ')}`).toBeLessThan(KEYS * BUDGET_MS);
    }
    expect(shown).toBeGreaterThan(0);
  });
});

describe('what is left of an accepted text', () => {
  it.each(['as it was', 'formatted anew', 'all gone'])(
    'is looked for in a document of 100,000 lines that is %s',
    async (how) => {
      const text = MANY_LINES;
      let now = text;
      const editor = openEditor('█', { textOf: () => now });
      editor.open({ uri: 'file:///a.ts', path: 'a.ts', language: 'typescript', text, cursor: text.length / 2 - 1 });
      const asked = editor.ask({ trigger: 'manual' });
      (await editor.server.nextCall()).answer('\n  const kept = await rows.load(table);');
      const suggestion = suggestionOf(await asked);
      editor.client.shown(suggestion, 'measured');
      editor.accept(suggestion);
      now = editor.document.text;
      if (how !== 'as it was') {
        const deleted = now.length;
        now = how === 'all gone' ? text : now.replaceAll('  ', '\t');
        editor.client.changed({ uri: 'file:///a.ts', offset: 0, deleted, inserted: now });
      }
      const before = process.cpuUsage();
      await editor.clock.advance(601_000);
      const { user, system } = process.cpuUsage(before);
      const looks = editor.events.flatMap((event) => (event.type === 'completion-retained' ? [event.edit_ratio] : []));
      expect(looks).toEqual(Array.from({ length: 5 }, () => (how === 'all gone' ? 1 : 0)));
      expect((user + system) / 1000).toBeLessThan(looks.length * BUDGET_MS);
    },
  );
});

function judge(suggestion: Suggestion, document: DocumentSnapshot): void {
  const { text, range } = suggestion;
  expect(range.start).toBe(document.cursor);
  expect(document.text.slice(range.start, range.end)).not.toMatch(/[\r\n]/);
  expect(text.replaceAll(eolOf(document.text), '')).not.toMatch(/[\r\n]/);
  expect(text).not.toMatch(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u);
  const accepted = drawAccepted(document, suggestion);
  expect(accepted.length).toBe(document.text.length - (range.end - range.start) + text.length + 1);
  expect(
    accepted.startsWith(
      document.text.slice(Math.max(0, range.start - 100), range.start) + text,
      Math.max(0, range.start - 100),
    ),
  ).toBe(true);
}
