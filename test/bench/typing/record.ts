/**
 * `node test/bench/typing/record.ts [NAME …]`: makes the recordings anew, from this repository's history and from published
 * packages (which need the npm registry). Seeded: the same sources give the same recordings.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatRecording, parseRecording } from '@ghostline/client/replay';
import { seeded } from '@ghostline/seeded';
import { typeHistory } from './record/edit-history.ts';
import { createRecorder } from './record/recorder.ts';
import { RECORDINGS } from './record/recordings.ts';
import { createTypist } from './record/typist.ts';

/** Some minutes of work, in a file that is still looked at with ease. */
const BOUNDS = { keys: 700, bytes: 78_000 };
const folder = path.join(import.meta.dirname, 'recordings');
const names = process.argv.slice(2);

for (const { name, file, language, hand, seed, history } of RECORDINGS) {
  if (names.length > 0 && !names.includes(name)) continue;
  const { before, after } = await history();
  const typist = createTypist(hand, seeded(seed));
  const recorder = createRecorder({ path: file, language, text: before, typist, acceptMarks: 0.3 });
  typeHistory(before, after, typist, recorder, BOUNDS);
  const text = formatRecording(recorder.events);
  const parsed = parseRecording(text);
  if (!parsed.ok) throw new Error(`${name}:${parsed.line}: ${parsed.detail}`);
  writeFileSync(path.join(folder, `${name}.jsonl`), text);
  const seconds = recorder.events.at(-1)!.t_ms / 1000;
  console.log(`${name}: ${recorder.keys} keys, ${Math.round(seconds)} s, ${Math.round(text.length / 1000)} KB`);
}
