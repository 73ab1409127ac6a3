import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { openEditor } from '../testing/editor.ts';
import { createScriptedLocalModel } from '../testing/scripted-local-model.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientSettings, LocalMode, Outcome, Suggestion } from '../types.ts';

/** What is being written; models know some way of it and then something else. */
const TEXT = 'const ab = aab(b, a);\n  if (ab) bba(a);\n  return abba;\n';
const DRAWINGS = ['function f() {\n  █\n}\n', 'x = █', '█\nreturn 1;\n'];

type Editor = ReturnType<typeof openEditor>;

function openRandomly(random: (below: number) => number, drawing: string, settings: ClientSettings) {
  const model = createScriptedLocalModel();
  return { model, editor: openEditor(drawing, { localModel: model, settings: () => settings }), random };
}

/** A text that goes on as `TEXT` for a while, from where the user is, and may then be another. */
function guess(random: (below: number) => number, written: string): string {
  const rest = TEXT.slice(TEXT.startsWith(written) ? written.length : random(TEXT.length));
  const known = rest.slice(0, random(24));
  return random(3) === 0 ? known : `${known}${['a', 'b', '(', ';', '\n', 'ab();\nb'][random(6)]!}${random(10)}`;
}

/** The line as it would be, were the suggestion accepted, and what of it is only suggested. */
interface OnScreen {
  readonly suggestion: Suggestion;
  /** Document up to the cursor, then the ghost text. */
  readonly text: string;
}

function onScreen({ document }: Editor, outcome: Outcome): OnScreen | undefined {
  if (outcome.kind !== 'suggested') return undefined;
  const [suggestion] = outcome.suggestions;
  return { suggestion, text: document.text.slice(0, document.cursor) + suggestion.text };
}

describe('whatever comes when', () => {
  it.each(['instant', 'fallback'] as const)(
    'text on screen in one view only ever grows or is typed into: %s',
    async (local) => {
      const random = randomFrom(7);
      let views = 0;
      let grown = 0;
      for (let run = 0; run < 60; run++) {
        const drawing = DRAWINGS[random(DRAWINGS.length)]!;
        const { editor, model } = openRandomly(random, drawing, { local, delayMs: 40 * random(2) });
        const before = editor.document.cursor;
        let last: OnScreen | undefined;
        const asks: Promise<void>[] = [];
        const written = () => editor.document.text.slice(before, editor.document.cursor);
        const look = (outcome: Outcome, of: Editor['document']): void => {
          // The editor drops what comes for another document, and what it has asked for again.
          if (of !== editor.document || outcome.kind === 'cancelled') return;
          const now = onScreen(editor, outcome);
          if (now && last?.suggestion.viewId === now.suggestion.viewId) {
            expect(now.text.startsWith(last.text), `${last.text} → ${now.text}`).toBe(true);
            if (now.text.length > last.text.length) grown += 1;
          } else if (now) {
            views += 1;
          }
          // Without a key in between no text gives way to another, nor to none.
          if (last && last.suggestion.range.start === editor.document.cursor) {
            expect(now?.suggestion.viewId).toBe(last.suggestion.viewId);
          }
          last = now;
          if (now) editor.client.shown(now.suggestion, 'inferred');
        };
        const ask = () => {
          const of = editor.document;
          asks.push(editor.ask().then((outcome) => look(outcome, of)));
        };
        editor.client.onExtended(ask);
        ask();
        for (let step = 0; step < 25; step++) {
          await editor.clock.settle();
          const action = random(10);
          const key = last && random(3) > 0 ? last.suggestion.text[0]! : TEXT.charAt(written().length) || 'z';
          const openCalls = editor.server.calls.filter((call) => !call.aborted);
          if (action < 4) {
            editor.type(random(6) === 0 ? 'z' : key);
            ask();
          } else if (action < 6) {
            model.calls.at(-1)?.answer({ text: guess(random, written()), confidence: random(2) === 0 ? 0.9 : 0.2 });
          } else if (action < 8) {
            openCalls.at(-1)?.answer(guess(random, written()));
          } else if (action === 8 && random(3) === 0) {
            openCalls.at(-1)?.fail(new TransportError({ reason: 'server', detail: 'failed', retryable: true }));
          } else if (action === 8) {
            openCalls.at(-1)?.text(guess(random, written()));
          } else {
            await editor.clock.advance(random(120));
          }
        }
        editor.client.dispose();
        await Promise.all(asks);
      }
      expect(views).toBeGreaterThan(40);
      if (local === 'instant') expect(grown).toBeGreaterThan(5);
    },
  );

  it('the server is asked no more often than without the local model', async () => {
    let total = 0;
    let saved = 0;
    for (let seed = 0; seed < 16; seed++) {
      const without = await requestsOf(seed, 'fallback');
      const requests = await requestsOf(seed, 'instant');
      expect(requests, `seed ${seed}`).toBeLessThanOrEqual(without);
      total += without;
      saved += without - requests;
    }
    expect(total).toBeGreaterThan(50);
    // It is asked, though.
    expect(saved).toBeLessThan(total / 2);
  });
});

/**
 * How many requests it takes to type the same keys at the same times. The server says of the same text the same and is
 * of one mind wherever it is asked: it knows what comes up to its next mistake, or is silent. Were it not, one request
 * more or less would change all that follow.
 */
async function requestsOf(seed: number, local: LocalMode): Promise<number> {
  const random = randomFrom(seed);
  const { editor, model } = openRandomly(random, DRAWINGS[seed % DRAWINGS.length]!, { local });
  const { clock } = editor;
  const before = editor.document.cursor;
  const mistakes = Array.from(TEXT, () => random(10) === 0);
  const serverSays = (at: number) => {
    const mistake = mistakes.indexOf(true, at);
    const lineEnd = TEXT.indexOf('\n', at + 1);
    if (mistake === at) return '';
    return mistake > at && mistake < lineEnd ? `${TEXT.slice(at, mistake)}z()` : TEXT.slice(at, lineEnd);
  };

  const replyLocally = async (): Promise<void> => {
    const call = await model.nextCall();
    const written = call.request.prefix.slice(before);
    const says = randomFrom(written.length + seed);
    const text = guess(says, written);
    clock.setTimer(() => call.answer({ text, confidence: 0.9 }), says(30));
    return replyLocally();
  };
  const reply = async (): Promise<void> => {
    const call = await editor.server.nextCall();
    const at = call.request.prefix.length - before;
    const says = randomFrom(7 * at + seed);
    const text = serverSays(at);
    clock.setTimer(() => (text === '' ? call.done('silent') : call.answer(text)), 30 + says(200));
    return reply();
  };
  void replyLocally();
  void reply();

  const ask = () => void editor.ask();
  editor.client.onExtended(ask);
  ask();
  for (const char of TEXT.slice(0, 40)) {
    await clock.advance([60, 60, 100, 400][random(4)]!);
    editor.type(char);
    ask();
  }
  await clock.advance(1_000);
  editor.client.dispose();
  return editor.server.calls.length;
}
