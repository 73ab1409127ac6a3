import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createCompletionClient } from '../complete.ts';
import { createVirtualClock } from './clock.ts';
import { type RecordedEvent, formatRecording, parseRecording } from './recording.ts';
import { type TraceEntry, replay } from './replay.ts';
import { type Script, toScript } from './script.ts';
import { createOracle } from './server/oracle.ts';
import { createScriptedServer } from './server/scripted-server.ts';

const RUNS = 16;
const PATHS = ['a.ts', 'b.ts'];
const WORDS = ['return ', 'total', '(', ')', ' = ', '{\n  ', '\n}', ';\n', 'const ', '👻', '"text"', '// note\n', '\t'];

/** Somebody who types, mistypes, deletes, pastes, jumps, accepts and dismisses at random. */
function randomRecording(seed: number): RecordedEvent[] {
  const below = randomFrom(seed);
  const texts = new Map(
    PATHS.map((path) => [path, `const first = 1;\n\nexport function f(${path[0]}) {\n  return 👻;\n}\n`]),
  );
  const events: RecordedEvent[] = PATHS.map((path) => ({
    t_ms: 0,
    kind: 'open',
    path,
    language: 'typescript',
    text: texts.get(path)!,
  }));
  let time = 0;
  let path = PATHS[0]!;
  let cursor = texts.get(path)!.indexOf('\n') + 1;
  /** No offset between the halves of a character. */
  const whole = (at: number) => (/[\udc00-\udfff]/.test(texts.get(path)![at] ?? '') ? at + 1 : at);

  function edit(offset: number, deleted: number, inserted: string): void {
    const text = texts.get(path)!;
    texts.set(path, text.slice(0, offset) + inserted + text.slice(offset + deleted));
    events.push({ t_ms: time, kind: 'edit', path, offset, deleted, inserted });
    cursor = offset + inserted.length;
  }
  for (let count = 10 + below(40); count > 0; count--) {
    time += below(5) === 0 ? below(2000) : 30 + below(200);
    const word = WORDS[below(WORDS.length)]!;
    const what = below(20);
    if (what < 11) {
      for (const char of word + WORDS[below(WORDS.length)]!) {
        edit(cursor, 0, char);
        time += 40 + below(120);
      }
    } else if (what < 13) {
      const start = whole(Math.max(0, cursor - 1 - below(3)));
      if (start < cursor) edit(start, cursor - start, '');
    } else if (what < 15) {
      path = PATHS[below(3) === 0 ? 1 : 0]!;
      cursor = whole(below(texts.get(path)!.length + 1));
      // Mostly at the end of a line, where suggestions are.
      if (below(4) > 0) cursor = Math.max(cursor, texts.get(path)!.indexOf('\n', cursor));
      events.push({ t_ms: time, kind: 'cursor', path, offset: cursor });
    } else if (what < 17) {
      events.push({ t_ms: time, kind: 'accept' });
      edit(cursor, 0, `${word}${WORDS[below(WORDS.length)]}`);
    } else if (what < 18) {
      events.push({ t_ms: time, kind: 'dismiss' });
    } else if (what < 19) {
      edit(cursor, 0, '()');
      events.push({ t_ms: time, kind: 'cursor', path, offset: (cursor -= 1) });
    } else {
      edit(cursor, 0, 'pasted();\nmore();\n');
    }
  }
  return events;
}

async function play(script: Script, seed: number) {
  const clock = createVirtualClock();
  const oracle = createOracle(script, { seed, rightWords: 0.97 });
  const trace: TraceEntry[] = [];
  const documents = new Map(script.documents.map(({ path, text }) => [`recording:///${path}`, text]));
  try {
    const { tally } = await replay(script, {
      openClient(seams) {
        const client = createCompletionClient({ ...seams, record: () => undefined, clientInfo: { name: 'test' } });
        return {
          ...client,
          complete(query, signal) {
            // What is asked about is what the changes have led to.
            expect(query.document.text).toBe(documents.get(query.document.uri));
            return client.complete(query, signal);
          },
          changed(change) {
            const text = documents.get(change.uri)!;
            const { offset, deleted, inserted } = change;
            documents.set(change.uri, text.slice(0, offset) + inserted + text.slice(offset + deleted));
            client.changed(change);
          },
        };
      },
      server: createScriptedServer(oracle, clock),
      clock,
      onStep: oracle.follow,
      onTrace: (entry) => trace.push(entry),
    });
    return { result: JSON.stringify({ tally, trace }), tally, documents };
  } finally {
    clock.dispose();
  }
}

describe(`${RUNS} random recordings`, () => {
  const recordings = Array.from({ length: RUNS }, (_, seed) => randomRecording(seed));

  it('are read back as they are written', () => {
    for (const recording of recordings) {
      expect(parseRecording(formatRecording(recording))).toEqual({ ok: true, recording });
    }
  });

  let shown = 0;
  let accepted = 0;

  it.each(recordings.map((recording, seed) => ({ recording, seed })))(
    '$seed replays to the very same result twice, and leads to the documents that were recorded',
    async ({ recording, seed }) => {
      const script = toScript(recording);
      const [first, second] = [await play(script, seed), await play(script, seed)];
      expect(second.result).toBe(first.result);
      for (const { path } of script.documents) {
        const last = script.steps.findLast(({ scene }) => scene.path === path)?.scene.text;
        if (last !== undefined) expect(first.documents.get(`recording:///${path}`)).toBe(last);
      }
      shown += first.tally.shown;
      accepted += first.tally.accepted + first.tally.acceptedInPart;
      // Nobody presses more keys with suggestions than without.
      expect(first.tally.keys).toBeLessThanOrEqual(first.tally.keysUnaided);
      expect(first.tally.costs.every(({ end }) => end !== 'open')).toBe(true);
    },
  );

  it('show and accept enough for that to say something', () => {
    expect(shown).toBeGreaterThan(2 * RUNS);
    expect(accepted).toBeGreaterThan(RUNS);
  });
});
