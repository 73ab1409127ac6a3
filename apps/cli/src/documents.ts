import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OpenDocument, languageOfPath } from '@ghostline/client';

const MAX_NEIGHBOURS = 8;
/** Generated files are larger, and rarely help. */
const MAX_NEIGHBOUR_BYTES = 512 * 1024;

/** No editor would open it as text; `reason` says why, after the file's name. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** The file as an editor would open it. Rejects when it cannot be read, or with a `NotTextError`. */
export async function openDocument(file: string): Promise<OpenDocument> {
  const absolute = resolve(file);
  const stats = await stat(absolute);
  if (stats.isDirectory()) throw new NotTextError('is a folder');
  // Reading a pipe would wait for whoever writes to it.
  if (!stats.isFile()) throw new NotTextError('is not a regular file');
  const text = decode(await readFile(absolute));
  if (text.includes('\0')) throw new NotTextError('is a binary file');
  return { uri: pathToFileURL(absolute).href, path: workspacePath(absolute), language: languageOf(absolute), text };
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new NotTextError('is not UTF-8 text');
  }
}

/** Files of the same language beside it, most recently changed first: who works on one has the others open. */
export async function openNeighbours(file: string): Promise<OpenDocument[]> {
  const absolute = resolve(file);
  const folder = dirname(absolute);
  const names = await readdir(folder, { withFileTypes: true });
  const siblings = names
    .filter((entry) => entry.isFile() && entry.name !== basename(absolute) && isSameKind(entry.name, absolute))
    .map((entry) => join(folder, entry.name));
  const dated = await Promise.all(siblings.map(async (path) => ({ path, stats: await stat(path).catch(() => null) })));
  const newest = dated
    .filter(({ stats }) => stats !== null && stats.size <= MAX_NEIGHBOUR_BYTES)
    .toSorted((a, b) => b.stats!.mtimeMs - a.stats!.mtimeMs)
    .slice(0, MAX_NEIGHBOURS);
  const opened = await Promise.all(newest.map(({ path }) => openDocument(path).catch(() => undefined)));
  return opened.filter((document) => document !== undefined);
}

function isSameKind(name: string, file: string): boolean {
  const language = languageOf(file);
  // Everything unknown is plain text: there, only the extension tells what belongs together.
  return languageOf(name) === language && (language !== 'plaintext' || extname(name) === extname(file));
}

function languageOf(file: string): string {
  return languageOfPath(basename(file)).id;
}

/** Relative to where the command runs, as to an editor's workspace; a file outside of it has its name only. */
function workspacePath(absolute: string): string {
  const path = relative(process.cwd(), absolute);
  const isOutside = path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
  return isOutside ? basename(absolute) : path.split(sep).join('/');
}
