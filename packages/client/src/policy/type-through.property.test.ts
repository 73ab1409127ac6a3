import { randomFrom } from '@ghostline/seeded';
import { autoClosed, isSubsequence } from '@ghostline/syntax';
import { describe, expect, it } from 'vitest';
import { drawAccepted } from '../testing/draw.ts';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import type { Outcome, Suggestion } from '../types.ts';

const PIECES = ['a', 'foo', '(', ')', '[', ']', '{', '}', '"', "'", ', ', ';', '\n', '\n  ', ' = ', '😀', '\\', '\r\n'];
const AFTER = ['', ')', ');', '")', '}', ' {', '\n', '\n}', '\n  foo();\n}', '\r\n}', ' // end', ']);\n'];
const BEFORE = ['', 'const x = ', 'foo(', 'foo("', '  ', 'if (a) {', 'a();\r\n'];

function drawn(random: (below: number) => number): { drawing: string; completion: string } {
  const completion = Array.from({ length: 1 + random(8) }, () => PIECES[random(PIECES.length)]!).join('');
  return { drawing: `${BEFORE[random(BEFORE.length)]}█${AFTER[random(AFTER.length)]}`, completion };
}

function shownBy(outcome: Outcome): Suggestion | undefined {
  return outcome.kind === 'suggested' ? outcome.suggestions[0] : undefined;
}

describe('whatever is suggested and typed', () => {
  it('a suggestion stays on its line, covers only what it writes again, and adds something', async () => {
    const random = randomFrom(1);
    let shown = 0;
    for (let run = 0; run < 2000; run++) {
      const { drawing, completion } = drawn(random);
      const editor = openEditor(drawing);
      const asked = editor.ask();
      (await editor.server.nextCall()).answer(completion);
      const suggestion = shownBy(await asked);
      if (!suggestion) continue;
      shown += 1;
      const { document } = editor;
      const { start, end } = suggestion.range;
      const covered = document.text.slice(start, end);
      expect(start).toBe(document.cursor);
      expect(covered, drawing).not.toContain('\n');
      expect(isSubsequence(covered, suggestion.text), `${drawing} ← ${suggestion.text}`).toBe(true);
      expect(suggestion.text.length).toBeGreaterThan(covered.length);
    }
    expect(shown).toBeGreaterThan(700);
  });

  it('typing along shows the rest of the same text and leads to the same document', async () => {
    const random = randomFrom(2);
    let steps = 0;
    for (let run = 0; run < 400; run++) {
      const { drawing, completion } = drawn(random);
      const editor = openEditor(drawing);
      const asked = editor.ask();
      (await editor.server.nextCall()).answer(completion);
      await asked;
      const outcome = await editor.ask();
      if (outcome.kind !== 'suggested') continue;
      const first = suggestionOf(outcome);
      const promised = drawAccepted(editor.document, first);
      let closedByEditor = false;
      for (let typed = 0; typed < first.text.length - 1;) {
        const key = first.text[typed]!;
        const closing = autoClosed(key);
        // Editors close brackets by themselves, or do not; and type over a closing one that stands there.
        const overtypes = editor.document.text[editor.document.cursor] === key && ')]}'.includes(key);
        const closes = !overtypes && closing !== undefined && closing !== key && random(2) === 0;
        if (overtypes) editor.typeOver(key);
        else if (closes) editor.typeClosed(key, closing);
        else editor.type(key);
        closedByEditor ||= closes;
        typed += 1;
        const rest = shownBy(await askWithoutServer(editor));
        // A quote typed before one that stands there is not what the text was placed for: it is placed anew.
        if (rest?.source !== 'typed') break;
        steps += 1;
        expect(rest.viewId).toBe(first.viewId);
        expect(rest.text, `${drawing} ← ${first.text}, ${typed} typed`).toBe(first.text.slice(typed));
        const result = drawAccepted(editor.document, rest);
        // What the editor closed and the suggestion does not is the editor's addition; nothing is ever lost.
        if (closedByEditor) expect(isSubsequence(promised, result), `${promised} in ${result}`).toBe(true);
        else expect(result).toBe(promised);
      }
    }
    expect(steps).toBeGreaterThan(800);
  });
});

/** Only what is known already: a question that would need the server is cancelled. */
async function askWithoutServer(editor: ReturnType<typeof openEditor>): Promise<Outcome> {
  const calls = editor.server.calls.length;
  const asked = editor.ask();
  await editor.clock.settle();
  if (editor.server.calls.length > calls) editor.cancel();
  return asked;
}
