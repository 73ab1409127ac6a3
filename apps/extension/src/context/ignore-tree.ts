import { type IgnoreLevel, type IgnoreRules, isIgnoredBy, parseIgnoreFile } from '@ghostline/client';

/** What an ignore file is about: what git leaves out, or what Ghostline must not read. */
export type IgnoredBy = 'git' | 'ghostline' | 'unread';

/** What lies in a folder of the file system that a tree is of. */
export interface FolderFiles {
  /** The text of `.gitignore`, if there is one; undefined also when it cannot be read. */
  readonly git: string | undefined;
  /** The text of `.ghostlineignore`, if there is one. */
  readonly ghostline: string | undefined;
  /** The folder is the root of a repository: what git ignores above it does not count below. */
  readonly isRepository: boolean;
  /** The text of `.git/info/exclude`, if there is one. */
  readonly excludeOfRepository: string | undefined;
}

export interface IgnoreTreeOptions {
  /** Rejects when it cannot be told whether there is a `.ghostlineignore`. `folder` begins with a slash and has none at its end. */
  readonly read: (folder: string) => Promise<FolderFiles>;
  readonly now: () => number;
  /** Something may be ignored by another file, or by none, than when it was asked about. */
  readonly onChange: () => void;
}

/** A file to ask about. */
export interface Place {
  /** Begins with a slash. */
  readonly path: string;
  /** The folder of the workspace that it is in, if any. */
  readonly workspace: string | undefined;
  /** Whether folders above the workspace may be looked at, for the root of the repository. */
  readonly looksAbove: boolean;
}

export interface IgnoreTree {
  /**
   * By which ignore file the text of a place stays where it is; from memory, at once. `unread` while the files around it
   * are being read, and when one of them cannot be: until it is known that no `.ghostlineignore` forbids it, a text is not
   * sent. Reading begins when a place is first asked about, and takes milliseconds.
   */
  ignoredBy(place: Place): IgnoredBy | undefined;
  /** Resolves when it is known, or cannot be. */
  prepare(place: Place): Promise<void>;
  /** An ignore file in this folder has appeared, changed or gone. */
  changed(folder: string): void;
}

/** How long a folder's files are taken for granted where no watcher tells: above the workspace, and on virtual file systems. */
const FRESH_MS = 30_000;
/** How soon a folder that could not be read is tried again. */
const RETRY_MS = 5000;
/** Folders deeper than this are loops of links; and what is deeper is not sent. */
const MAX_DEPTH = 64;
const MAX_REMEMBERED = 4096;

type Folder =
  | { readonly kind: 'reading'; readonly done: Promise<void>; readonly before: Read | undefined }
  | { readonly kind: 'failed'; readonly at: number }
  | Read;

interface Read {
  readonly kind: 'read';
  readonly at: number;
  readonly files: FolderFiles;
  readonly git: IgnoreRules;
  readonly ghostline: IgnoreRules;
  readonly exclude: IgnoreRules;
}

/** The ignore files of one file system, read folder by folder as they are needed. */
export function createIgnoreTree({ read, now, onChange }: IgnoreTreeOptions): IgnoreTree {
  const folders = new Map<string, Folder>();
  const remembered = new Map<string, { readonly by: IgnoredBy | undefined; readonly at: number }>();

  function start(folder: string, before: Read | undefined): Folder {
    const state: Folder = {
      kind: 'reading',
      before,
      done: read(folder).then(
        (files) => settle(folder, state, readOf(files, now()), before),
        () => settle(folder, state, { kind: 'failed', at: now() }, before),
      ),
    };
    folders.set(folder, state);
    return state;
  }

  function settle(folder: string, state: Folder, next: Folder, before: Read | undefined): void {
    // It has changed again meanwhile, and is being read again.
    if (folders.get(folder) !== state) return;
    folders.set(folder, next);
    if (before && next.kind === 'read' && isSame(before.files, next.files)) return;
    remembered.clear();
    onChange();
  }

  /** The folder's files as they are known; begins to read them where that is due. */
  function look(folder: string): Read | 'reading' | 'failed' {
    const known = folders.get(folder) ?? start(folder, undefined);
    if (known.kind === 'reading') return known.before ?? 'reading';
    const age = now() - known.at;
    if (known.kind === 'failed') {
      if (age >= RETRY_MS) start(folder, undefined);
      return 'failed';
    }
    if (age >= FRESH_MS) start(folder, known);
    return known;
  }

  function decide({ path, workspace, looksAbove }: Place): IgnoredBy | undefined {
    const own = parentOf(path);
    const git: IgnoreLevel[] = [];
    const ghostline: IgnoreLevel[] = [];
    let unread = false;
    let inRepository = false;
    // From the file up. Above the workspace, files count as far as a repository reaches.
    let beyond: { git: IgnoreLevel[]; ghostline: IgnoreLevel[] } | undefined;
    const ancestors = ancestorsOf(own);
    if (ancestors.length > MAX_DEPTH) return 'unread';
    for (const folder of ancestors) {
      const isBeyond = workspace === undefined ? folder !== own : !isWithin(folder, workspace);
      if (isBeyond && (!looksAbove || inRepository)) break;
      if (isBeyond) beyond ??= { git: [], ghostline: [] };
      const found = look(folder);
      if (found === 'reading') unread = true;
      // Above the workspace one may not be allowed to read, and nobody hides a file of this workspace there.
      if (found === 'failed') unread ||= !isBeyond;
      if (typeof found === 'string') continue;
      const into = isBeyond ? beyond! : { git, ghostline };
      into.ghostline.push({ folder, rules: found.ghostline });
      if (!inRepository) into.git.push({ folder, rules: [...found.exclude, ...found.git] });
      if (!found.files.isRepository) continue;
      inRepository = true;
      if (!beyond) continue;
      git.push(...beyond.git);
      ghostline.push(...beyond.ghostline);
      break;
    }
    if (isIgnoredBy(ghostline, path)) return 'ghostline';
    if (unread) return 'unread';
    return isIgnoredBy(git, path) ? 'git' : undefined;
  }

  return {
    ignoredBy(place) {
      const key = `${place.workspace ?? ''}\n${place.path}`;
      const known = remembered.get(key);
      if (known && now() - known.at < FRESH_MS) return known.by;
      const by = decide(place);
      if (by === 'unread') return by;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(key, { by, at: now() });
      return by;
    },
    async prepare(place) {
      for (;;) {
        decide(place);
        const reading = ancestorsOf(parentOf(place.path)).flatMap((folder) => {
          const known = folders.get(folder);
          return known?.kind === 'reading' && !known.before ? [known.done] : [];
        });
        if (reading.length === 0) return;
        await Promise.all(reading);
      }
    },
    changed(folder) {
      remembered.clear();
      // What was there is void: a new file may forbid what the old one did not.
      if (folders.has(folder)) start(folder, undefined);
      onChange();
    },
  };
}

function readOf(files: FolderFiles, at: number): Read {
  return {
    kind: 'read',
    at,
    files,
    git: parseIgnoreFile(files.git ?? ''),
    ghostline: parseIgnoreFile(files.ghostline ?? ''),
    exclude: parseIgnoreFile(files.excludeOfRepository ?? ''),
  };
}

function isSame(a: FolderFiles, b: FolderFiles): boolean {
  return (
    a.git === b.git &&
    a.ghostline === b.ghostline &&
    a.isRepository === b.isRepository &&
    a.excludeOfRepository === b.excludeOfRepository
  );
}

/** The folder and all above it, nearest first; the root is ``. */
function ancestorsOf(folder: string): string[] {
  const all = [folder];
  for (let at = folder; at !== '';) {
    at = parentOf(at);
    all.push(at);
  }
  return all;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isWithin(folder: string, other: string): boolean {
  const root = other.endsWith('/') ? other.slice(0, -1) : other;
  return folder === root || folder.startsWith(`${root}/`);
}
