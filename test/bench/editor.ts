import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Keystroke } from '@ghostline/client';
import { startScriptedServer } from '../harness/scripted-server.ts';
import { type Activation, activationOf } from './editor/activation.ts';
import { type Desk, type Subject, openDesk } from './editor/desk.ts';
import {
  ENDLESS_TEXT,
  LINES_FILE,
  LOCAL_FILE,
  type Rhythm,
  type Sightings,
  endlessFile,
  linesFile,
  localFile,
  nothingSeen,
  repeatLines,
  rhythm,
  takeLines,
  warmUp,
  writeLines,
} from './editor/keys.ts';
import { knowsLines } from './editor/known-lines.ts';
import { typeAndMeasure } from './editor/long-tasks.ts';
import {
  type Account,
  type Added,
  type Case,
  type EditorResult,
  accountOf,
  addedTo,
  aimsOf,
  printReport,
  timesOf,
} from './editor/report.ts';
import { knowsKeys, typingText } from './editor/typing-file.ts';

/** For whoever wants to know where the time goes: `pnpm bench editor --profile` leaves CPU profiles of the extension host. */
const OPTIONS = { profile: { type: 'boolean', default: false } } as const;

/** Alternating between the floor and us, so that a slow moment of the machine hits both. */
const ROUNDS = 3;
const LINES_PER_ROUND = 20;
/** A small model on a good GPU; time to its first word. */
const MODEL_MS = 80;
/** The line is read for as long as it takes to ask ahead for the next, and for that to be answered. */
const READ_MS = 330;
/** Windows opened again; the floor takes a millisecond or two each time. */
const STARTS: Record<Subject, number> = { floor: 1, ghostline: 3 };
const LINES = 10_000;
const KEYS = 300;
const OTHER_FILES = 10;
const OTHER_FILE_LINES = 600;
const BIG_FILE = 'big.ts';
/** Reserved: nobody listens there. */
const NOBODY = 'http://127.0.0.1:9';

/**
 * The real workbench with the built extension, and beside it the same workbench with an extension that returns a constant:
 * from a trusted key event to ghost text in the page, by the page's own clock; activation as VS Code reports it; how long
 * the extension host's event loop is held up.
 */
export async function editor(folder: string): Promise<unknown> {
  // Run with others, it has no options.
  const { values } = parseArgs({ args: process.argv.slice(3), options: OPTIONS });
  const random = seeded(7);
  const wait = rhythm(random);
  const text = typingText(random);
  const big = text.file(LINES);
  const keys = text.keys(KEYS);
  const others = Array.from({ length: OTHER_FILES }, (_, index) => `other-${index}.ts`);
  const files = {
    // One more line for the warm-up.
    [LINES_FILE]: linesFile(ROUNDS * LINES_PER_ROUND + 2),
    [LOCAL_FILE]: localFile(ROUNDS * LINES_PER_ROUND),
    [BIG_FILE]: big.text,
    ...Object.fromEntries(Array.from({ length: ROUNDS }, (_, round) => [endlessFile(round), ENDLESS_TEXT])),
    ...Object.fromEntries(others.map((name) => [name, text.file(OTHER_FILE_LINES).text])),
  };
  const server = await startScriptedServer({ complete: knowsLines(MODEL_MS) });
  const desks: Desk[] = [];
  const keep = (name: string, profile: unknown) =>
    writeFileSync(path.join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
  try {
    const options = { files, serverUrl: server.url, profiles: values.profile };
    // One after the other: a start takes both cores.
    const cold = {} as Record<Subject, Activation>;
    for (const subject of ['floor', 'ghostline'] as const) {
      const desk = await openDesk(subject, options);
      desks.push(desk);
      cold[subject] = await activationOf(desk);
      if (values.profile) keep(`editor-cold-${subject}`, await desk.probe.unprofile());
    }
    const warm = await startAgain(desks);
    if (values.profile) for (const { probe } of desks) await probe.unprofile();
    const measured = await pressKeys(desks, wait);

    server.follow({ complete: knowsKeys(keys, MODEL_MS) });
    const typing = {} as Record<Subject, EditorResult['typing'][Subject]>;
    for (const desk of desks) {
      if (desk.subject === 'ghostline') {
        await desk.probe.set('ghostline.serverUrl', server.url);
        await desk.says('Ghostline: ready');
      }
      for (const [index, name] of others.entries()) await desk.open(name, index * 50);
      await desk.open(BIG_FILE, big.line, 4);
      if (values.profile) await desk.probe.profile();
      [typing[desk.subject]] = await typeAndMeasure(desk, keys, wait);
      if (values.profile) keep(`editor-typing-${desk.subject}`, await desk.probe.unprofile());
    }
    const activation = {
      floor: { cold: cold.floor, warm: warm.floor },
      ghostline: { cold: cold.ghostline, warm: warm.ghostline },
    };
    const result: EditorResult = { modelMs: MODEL_MS, ...measured, activation, typing };
    printReport(result);
    return { aims: aimsOf(result), ...result };
  } finally {
    for (const desk of desks) await desk.close();
    await server.stop();
  }
}

/** The start in the middle of some. */
async function startAgain(desks: readonly Desk[]): Promise<Record<Subject, Activation>> {
  const starts: Record<Subject, Activation[]> = { floor: [], ghostline: [] };
  for (const desk of desks) {
    for (let start = 0; start < STARTS[desk.subject]; start++) {
      await desk.reload();
      starts[desk.subject].push(await activationOf(desk));
    }
  }
  const middle = (of: readonly Activation[]) => of.toSorted((a, b) => a.ms - b.ms)[Math.floor(of.length / 2)]!;
  return { floor: middle(starts.floor), ghostline: middle(starts.ghostline) };
}

async function pressKeys(
  desks: readonly Desk[],
  wait: Rhythm,
): Promise<Pick<EditorResult, 'keys' | 'added' | 'accounts'>> {
  const noCases = (): Record<Case, Sightings> => ({
    along: nothingSeen(),
    tab: nothingSeen(),
    undo: nothingSeen(),
    fresh: nothingSeen(),
    local: nothingSeen(),
  });
  const seen: Record<Subject, Record<Case, Sightings>> = { floor: noCases(), ghostline: noCases() };
  const answered: Keystroke[] = [];
  const taken: Keystroke[] = [];
  const repeated: Keystroke[] = [];
  const harvest = async (desk: Desk, into: Keystroke[]) => {
    into.push(...(await desk.newKeystrokes()).filter(({ outcome }) => outcome === 'suggested'));
  };

  for (const desk of desks) await warmUp(desk);
  for (const desk of desks) await harvest(desk, []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const desk of desks) {
      const into = seen[desk.subject];
      // In two halves: the inspector keeps a hundred questions.
      const first = 1 + round * LINES_PER_ROUND;
      for (const from of [first, first + LINES_PER_ROUND / 2]) {
        await writeLines(desk, from, from + LINES_PER_ROUND / 2, wait, into);
        await harvest(desk, answered);
      }
      await takeLines(desk, round, LINES_PER_ROUND, READ_MS, wait, into.tab);
      await harvest(desk, taken);
    }
  }
  for (const desk of desks.filter(({ subject }) => subject === 'ghostline')) {
    await desk.probe.set('ghostline.serverUrl', NOBODY);
    await desk.says('Ghostline: local suggestions');
    for (let round = 0; round < ROUNDS; round++) {
      const from = round * LINES_PER_ROUND;
      await repeatLines(desk, from, from + LINES_PER_ROUND, wait, seen.ghostline.local);
      await harvest(desk, repeated);
    }
  }

  const by = (keystrokes: readonly Keystroke[], ...stages: Keystroke['decidedBy'][]) =>
    accountOf(keystrokes.filter(({ decidedBy }) => stages.includes(decidedBy)));
  const accounts: Record<Case, Account> = {
    along: by(answered, 'type-through'),
    tab: accountOf(taken),
    undo: by(answered, 'cache'),
    fresh: by(answered, 'network', 'inflight'),
    local: accountOf(repeated),
  };
  const { local: _floorHasNone, ...floor } = seen.floor;
  const added = Object.fromEntries(
    (Object.keys(seen.ghostline) as Case[]).map((name) => [
      name,
      addedTo(seen.floor[name === 'local' ? 'fresh' : name], seen.ghostline[name]),
    ]),
  ) as Record<Case, Added>;
  const timesOfEach = (cases: Partial<Record<Case, Sightings>>) =>
    Object.fromEntries(Object.entries(cases).map(([name, sightings]) => [name, timesOf(sightings)]));
  return { keys: { floor: timesOfEach(floor), ghostline: timesOfEach(seen.ghostline) }, added, accounts };
}

/** A linear congruential generator (Numerical Recipes): the same keys at the same intervals in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
