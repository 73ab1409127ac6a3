import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Two consecutive versions of one real file. */
export interface History {
  readonly before: string;
  readonly after: string;
}

/** A file of this repository before and after one of its commits. */
export function fromRepository(commit: string, file: string): History {
  const show = (revision: string) => {
    const cwd = path.resolve(import.meta.dirname, '../../../..');
    return execFileSync('git', ['show', `${revision}:${file}`], { cwd, encoding: 'utf8' });
  };
  return { before: show(`${commit}~1`), after: show(commit) };
}

const fetched = new Map<string, Promise<string>>();

/** A file of an npm package in two of its versions, fetched from the registry. */
export async function fromPackage(name: string, versions: readonly [string, string], file: string): Promise<History> {
  const read = async (version: string) => readFileSync(path.join(await unpacked(name, version), file), 'utf8');
  return { before: await read(versions[0]), after: await read(versions[1]) };
}

async function unpacked(name: string, version: string): Promise<string> {
  const id = `${name}@${version}`;
  const known = fetched.get(id);
  if (known) return await known;
  const folder = Promise.resolve(unpack(id));
  fetched.set(id, folder);
  return await folder;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function unpack(id: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ghostline-recording-'));
  folders.push(folder);
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const [packed] = JSON.parse(execFileSync('npm', ['pack', id, '--json', '--silent'], options)) as {
    filename: string;
  }[];
  execFileSync('tar', ['-xzf', packed!.filename], options);
  return path.join(folder, 'package');
}
