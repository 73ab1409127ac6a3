/**
 * The lists of `ghostline.exclude` of all scopes. VS Code lets a narrower list replace a wider one; here they add up: a
 * workspace that excludes a file of its own must not lay open what its user excludes everywhere.
 */
export interface ExcludeLists {
  readonly user: readonly string[];
  readonly workspace: readonly string[];
  /** Of a workspace of several folders; their names begin the paths in it. */
  readonly folders: readonly { readonly name: string; readonly globs: readonly string[] }[];
}

export function allGlobs({ user, workspace, folders }: ExcludeLists): string[] {
  const ofFolders = folders.flatMap(({ name, globs }) => globs.map((glob) => within(name, glob)));
  return [...new Set([...user, ...workspace, ...ofFolders])];
}

/** As in a .gitignore of that folder: without a slash in it (but at its end) a pattern names what lies anywhere below. */
function within(folder: string, glob: string): string {
  const takesBack = glob.startsWith('!') ? '!' : '';
  const body = glob.slice(takesBack.length).trim();
  const anchored = body.replace(/\/+$/, '').includes('/');
  return `${takesBack}${literally(folder)}/${anchored ? body.replace(/^\/+/, '') : `**/${body}`}`;
}

/** A pattern that names this path and no other, as far as patterns can: they know no escapes, but `?` is any one character. */
export function globOf(path: string): string {
  const glob = literally(path);
  const tied = glob.includes('/') ? glob : `/${glob}`;
  return tied.startsWith('!') ? `/${tied}` : tied;
}

function literally(path: string): string {
  return path.replaceAll('*', '?');
}
