import { type Random, fixed } from './random.ts';

/** Files of a repository, and how unevenly they are edited: about half of the edits go to a tenth of them. */
const FILES = 80;
const FILE_ZIPF = 1.1;
/** Lines that people write again and again: imports, guards, logging. */
const BOILERPLATE = 120;
const BOILERPLATE_ZIPF = 1;
const BOILERPLATE_SHARE = 0.45;
/** Functions that the others call, each with a signature that changes now and then. */
const SYMBOLS = 300;
const SYMBOL_ZIPF = 1;
/** Where people add lines: after the imports, at the end of a list, at the end of the file. */
const PLACES = 5;

/** Merges that others still come to see. */
const RECENT_MERGES = 12;

/** One line that somebody is going to type. */
export interface Target {
  readonly text: string;
  /** What it calls; undefined for boilerplate. */
  readonly symbol: number | undefined;
}

export interface Insertion {
  readonly file: number;
  readonly line: number;
  readonly text: string;
}

/** What all users of a repository share: its head, and what its functions look like there. */
export interface Repository {
  readonly name: string;
  /** Lines of every file. */
  readonly files: readonly (readonly string[])[];
  /** How often the signature of each symbol has changed. */
  readonly versions: readonly number[];
  /** How often each file was changed by a merge. */
  readonly merges: readonly number[];
  /** Where the last merges ended, newest last. */
  readonly recent: readonly { readonly file: number; readonly line: number }[];
  merge(insertions: readonly Insertion[], changedSymbol: number | undefined): void;
}

export function createRepository(name: string, random: Random): Repository {
  const versions = Array.from({ length: SYMBOLS }, () => 0);
  const merges = Array.from({ length: FILES }, () => 0);
  const recent: { file: number; line: number }[] = [];
  const files = Array.from({ length: FILES }, (_, file) =>
    Array.from(
      { length: 40 + random.below(120) },
      (_, line) => targetIn(name, versions, random, `f${file}l${line}`).text,
    ),
  );
  return {
    name,
    files,
    versions,
    merges,
    recent,
    merge(insertions, changedSymbol) {
      for (const { file, line, text } of insertions) {
        files[file]!.splice(Math.min(line, files[file]!.length), 0, text);
        merges[file]! += 1;
      }
      const last = insertions.at(-1);
      if (last) recent.push({ file: last.file, line: last.line });
      recent.splice(0, recent.length - RECENT_MERGES);
      if (changedSymbol !== undefined) versions[changedSymbol]! += 1;
    },
  };
}

/** Something to write, with the signatures that its author knows. */
export function targetIn(name: string, versions: readonly number[], random: Random, own: string): Target {
  if (random.chance(BOILERPLATE_SHARE))
    return { text: boilerplate(name, random.zipf(BOILERPLATE, BOILERPLATE_ZIPF)), symbol: undefined };
  const symbol = random.zipf(SYMBOLS, SYMBOL_ZIPF);
  return { text: callOf(name, symbol, versions[symbol]!, own), symbol };
}

export function boilerplate(name: string, rank: number): string {
  const word = (salt: string) => Math.floor(fixed(`${name} ${rank} ${salt}`) * 1000).toString(36);
  return [
    `  log.debug('${word('a')}', { ${word('b')} });`,
    `  if (!${word('a')}) return undefined;`,
    `import { ${word('a')}, ${word('b')} } from './${word('c')}.ts';`,
    `  readonly ${word('a')}: ${word('b')};`,
  ][rank % 4]!;
}

export function callOf(name: string, symbol: number, version: number, own: string): string {
  return `  const ${own} = ${name}_${symbol}(${argumentsOf(name, symbol, version)});`;
}

/** What a prompt shows of a function when its definition is at hand. */
export function definitionOf(name: string, symbol: number, version: number): string {
  return `export function ${name}_${symbol}(${argumentsOf(name, symbol, version)}) {\n  return undefined;\n}\n`;
}

function argumentsOf(name: string, symbol: number, version: number): string {
  const count = 1 + ((symbol + version) % 4);
  return Array.from({ length: count }, (_, index) => `${name}${symbol % 9}v${version}a${index}`).join(', ');
}

export function fileIn(random: Random): number {
  return random.zipf(FILES, FILE_ZIPF);
}

/** One of the places of a file where lines are added, or anywhere. */
export function placeIn(file: number, length: number, random: Random): number {
  if (random.chance(0.3)) return random.below(length + 1);
  const place = random.zipf(PLACES, 1);
  return Math.min(length, Math.floor(fixed(`${file} ${place}`) * (length + 1)));
}

export function boilerplateCount(): number {
  return BOILERPLATE;
}
