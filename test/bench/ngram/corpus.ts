/** Third-party sources that are installed anyway, by language and package. */
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

export const LANGUAGES = ['typescript', 'javascript', 'c', 'python', 'json', 'css'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * Tune on one, report on the other. A package is in one of them; the three that alone have enough of their language are parted by
 * folder. No text of the reporting half is nearly one of the tuning half.
 */
export type Half = 'tune' | 'report';

export interface SourceFile {
  readonly language: Language;
  /** What a team would call its project: neighbours come from the same one. */
  readonly project: string;
  readonly path: string;
  readonly text: string;
}

const EXTENSIONS: Readonly<Record<string, Language>> = {
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.tsx': 'typescript',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.h': 'c',
  '.py': 'python',
  '.json': 'json',
  '.css': 'css',
};

const SMALLEST = 1_000;
const LARGEST = 120_000;
/** One project must not be half of its language. */
const MOST_PER_PROJECT = 60;

/** Files in the order of their paths: the same on every machine with the same lockfile. */
export function readCorpus(half: Half): readonly SourceFile[] {
  const files = readHalf(half);
  if (half === 'tune') return files;
  const known = new Set(readHalf('tune').flatMap(({ text }) => longLines(text)));
  return files.filter(({ text }) => shareOf(longLines(text), known) < NEARLY_THE_SAME);
}

/** Vendored copies, builds for two module systems and licences aside, files have a few lines in common at most. */
const NEARLY_THE_SAME = 0.4;

/** Whether one is a copy or another build of the other. */
export function areNearlyTheSame(a: string, b: string): boolean {
  return shareOf(longLines(a), new Set(longLines(b))) >= NEARLY_THE_SAME;
}

function shareOf(lines: readonly string[], known: ReadonlySet<string>): number {
  return lines.length === 0 ? 0 : lines.filter((line) => known.has(line)).length / lines.length;
}

/** Lines that say enough to be found by chance nowhere else. */
function longLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= 30);
}

function readHalf(half: Half): readonly SourceFile[] {
  const root = path.resolve(import.meta.dirname, '../../..');
  const files: SourceFile[] = [];
  const store = path.join(root, 'node_modules/.pnpm');
  for (const entry of readdirSync(store).toSorted()) {
    const folder = path.join(store, entry, 'node_modules');
    const project = entry.replace(/^(@?[^@]+)@.*$/, '$1');
    if (!isFolder(folder) || project.startsWith('@ghostline')) continue;
    files.push(...filesOf(folder, (file) => partOf(project, file), half));
  }
  // The headers that come with Node, and what node-gyp is written in, which comes with pnpm.
  const headers = path.resolve(realpathSync(process.execPath), '../../include/node');
  files.push(...filesOf(headers, headerProject, half));
  const tools = path.join(root, '.tools/pnpm/node_modules/pnpm/dist/node_modules/node-gyp/gyp');
  files.push(...filesOf(tools, pythonProject, half));
  return files;
}

/** The one package with style sheets enough for both halves is parted by folder. */
function partOf(project: string, file: string): string {
  return project === 'monaco-editor' && file.includes('contrib') ? 'monaco-contrib' : project;
}

function headerProject(file: string): string {
  return /openssl|cppgc|libplatform|uv/.exec(file)?.[0] ?? (/\/v8/.test(file) ? 'v8' : 'node-api');
}

function pythonProject(file: string): string {
  if (/packaging/.test(file)) return 'packaging';
  return /generator|MSVS|[mM]svs|xcode/.test(file) ? 'gyp-generators' : 'gyp';
}

const ASSIGNED: Readonly<Record<string, Half>> = {
  'gyp-generators': 'tune',
  gyp: 'report',
  packaging: 'report',
  v8: 'tune',
  libplatform: 'tune',
  'node-api': 'tune',
  openssl: 'report',
  uv: 'report',
  cppgc: 'report',
  'monaco-editor': 'tune',
  'monaco-contrib': 'report',
  'playwright-core': 'report',
};

/** By name, so that another version of a package stays where it was. */
function halfOf(project: string): Half {
  const assigned = ASSIGNED[project];
  if (assigned) return assigned;
  let sum = 0;
  for (const char of project) sum = (Math.imul(sum, 31) + char.codePointAt(0)!) >>> 0;
  return (sum >>> 3) % 2 === 0 ? 'tune' : 'report';
}

function filesOf(folder: string, projectOf: (file: string) => string, half: Half): readonly SourceFile[] {
  const found: SourceFile[] = [];
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const file of walk(folder)) {
    const language = EXTENSIONS[path.extname(file)];
    const project = projectOf(file);
    if (!language || halfOf(project) !== half || !isOfSize(file)) continue;
    const key = `${project}/${language}`;
    const count = counts.get(key) ?? 0;
    if (count >= MOST_PER_PROJECT) continue;
    // Packages hold the same module several times, as CommonJS and ES module: their beginnings differ, their names do not.
    const name = `${language} ${path.basename(file).replace(/\..*$/, '')}`;
    if (seen.has(name) || /(?:\.d\.[mc]?ts|\.min\.\w+)$/.test(file)) continue;
    const text = readFileSync(file, 'utf8');
    if (!isWritten(text)) continue;
    seen.add(name);
    counts.set(key, count + 1);
    found.push({ language, project, path: path.relative(folder, file), text });
  }
  return found;
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isOfSize(file: string): boolean {
  const { size } = statSync(file);
  return size >= SMALLEST && size <= LARGEST;
}

/** By people rather than by a bundler: lines of bearable length. */
function isWritten(text: string): boolean {
  const lines = text.split('\n');
  return lines.length >= 40 && text.length / lines.length < 70 && lines.every((line) => line.length < 500);
}

function* walk(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    // Links lead to other packages.
    if (entry.isDirectory()) yield* walk(file);
    else if (entry.isFile()) yield file;
  }
}
