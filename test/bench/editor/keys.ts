/** What is pressed, and what must be seen after it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Desk } from './desk.ts';
import type { Sighting } from './ghost-watch.ts';
import { lineOf } from './known-lines.ts';

/** The sightings of one kind of key; `lost` keys had no ghost text after them in time. */
export interface Sightings {
  readonly seen: Sighting[];
  lost: number;
}

export const nothingSeen = (): Sightings => ({ seen: [], lost: 0 });

/** Intervals between keys, seeded, so that keys fall anywhere within a frame of the screen. */
export type Rhythm = (fromMs: number, toMs: number) => Promise<void>;

export function rhythm(random: () => number): Rhythm {
  return async (fromMs, toMs) => void (await pause(fromMs + random() * (toMs - fromMs)));
}

async function press(desk: Desk, key: string, expected: string, into: Sightings): Promise<void> {
  const sighting = await desk.watch().after(key, expected);
  if (sighting) into.seen.push(sighting);
  else into.lost += 1;
}

/** Types until the editor suggests: it creates its inline suggestions lazily, and the first keys may find none. */
export async function warmUp(desk: Desk): Promise<void> {
  const { keyboard } = desk.page;
  await desk.open(LINES_FILE, 1);
  for (const [index, key] of [...lineOf(1)].slice(0, -1).entries()) {
    if (await desk.watch().after(key, lineOf(1).slice(index + 1))) break;
  }
  await keyboard.press('Tab');
}

/** A file of known lines with an empty one after each: places that no model was asked about yet. */
export const LINES_FILE = 'lines.ts';
export const linesFile = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${lineOf(index * 2)}\n\n`).join('');

export interface LineSightings {
  /** The first key of a line: somebody must be asked. */
  readonly fresh: Sightings;
  /** Further keys of the suggestion on screen. */
  readonly along: Sightings;
  /** An acceptance taken back. */
  readonly undo: Sightings;
}

/** Writes the missing lines `from` to `to` of the file: a key, the rest of the word, Tab, and back once. */
export async function writeLines(desk: Desk, from: number, to: number, wait: Rhythm, into: LineSightings) {
  const { keyboard } = desk.page;
  await desk.open(LINES_FILE, from * 2 + 1);
  for (let index = from; index < to; index++) {
    const line = lineOf(index * 2 + 1);
    await wait(20, 60);
    await press(desk, 'r', line.slice(1), into.fresh);
    for (const typed of [2, 3, 4]) {
      await wait(60, 110);
      await press(desk, line[typed - 1]!, line.slice(typed), into.along);
    }
    await wait(60, 110);
    await keyboard.press('Tab');
    await wait(60, 110);
    await press(desk, 'Control+z', line.slice(4), into.undo);
    await wait(30, 60);
    await keyboard.press('Tab');
    // The editor asks about the end of this line before it is left; otherwise it would ask about the next place too early.
    await wait(90, 130);
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
  }
}

/** A file that goes on and on; one for each round, as nobody may have been asked about it before. */
export const endlessFile = (round: number): string => `endless-${round}.ts`;
export const ENDLESS_TEXT = `${lineOf(0)}\n`;

/** Takes line after line with Tab, reading each for `readMs`. */
export async function takeLines(
  desk: Desk,
  round: number,
  count: number,
  readMs: number,
  wait: Rhythm,
  into: Sightings,
): Promise<void> {
  await desk.open(endlessFile(round), 1);
  await desk.watch().after('r', lineOf(1).slice(1));
  for (let number = 1; number <= count; number++) {
    await wait(readMs, readMs + 50);
    await press(desk, 'Tab', `\n${lineOf(number + 1)}`, into);
  }
}

/** A file that says the same over and over, with places to say it again: what a model learns from the file alone. */
export const LOCAL_FILE = 'local.ts';
const SAID = 'rows.push(makeRow(table, columns));';
const BETWEEN = ['open', 'sort', 'print', 'close'];
const TAUGHT = 8;
export const localFile = (places: number): string =>
  Array.from({ length: TAUGHT + places }, (_, index) => {
    const said = index < TAUGHT ? SAID : SAID.slice(0, SAID.indexOf('makeRow'));
    return `${said}\n${BETWEEN[index % BETWEEN.length]}(rows);\n`;
  }).join('');

/** Fills the places `from` to `to` with what stands in the same file already. */
export async function repeatLines(desk: Desk, from: number, to: number, wait: Rhythm, into: Sightings): Promise<void> {
  const start = SAID.indexOf('makeRow');
  await desk.open(LOCAL_FILE, (TAUGHT + from) * 2, start);
  for (let index = from; index < to; index++) {
    await wait(30, 80);
    // The model may leave out what stands after it.
    await press(desk, 'm', SAID.slice(start + 1, SAID.indexOf(')')), into);
    await wait(60, 110);
    await desk.page.keyboard.press('Tab');
    // The editor asks about the end of this line before it is left.
    await wait(100, 150);
    for (const key of ['ArrowDown', 'ArrowDown', 'End']) await desk.page.keyboard.press(key);
  }
}
