import { describe, expect, it } from 'vitest';
import { type FolderFiles, createIgnoreTree } from './ignore-tree.ts';

type Files = Record<string, string | Error>;

/** A file system of ignore files by their paths; `.git` is a folder, an Error is what reading a folder meets. */
function treeOf(files: Files) {
  const reads: string[] = [];
  let time = 0;
  let changes = 0;
  const tree = createIgnoreTree({
    now: () => time,
    onChange: () => (changes += 1),
    async read(folder): Promise<FolderFiles> {
      reads.push(folder);
      if (files[folder] instanceof Error) throw files[folder];
      const text = (name: string) => {
        const found = files[`${folder}/${name}`];
        return typeof found === 'string' ? found : undefined;
      };
      return {
        git: text('.gitignore'),
        ghostline: text('.ghostlineignore'),
        isRepository: `${folder}/.git` in files,
        excludeOfRepository: text('.git/info/exclude'),
      };
    },
  });
  const place = (path: string, workspace: string | undefined = '/home/app', looksAbove = true) => ({
    path,
    workspace,
    looksAbove,
  });
  return {
    tree,
    reads,
    place,
    get changes() {
      return changes;
    },
    pass: (ms: number) => (time += ms),
    async ignoredBy(path: string, workspace?: string, looksAbove?: boolean) {
      await tree.prepare(place(path, workspace, looksAbove));
      return tree.ignoredBy(place(path, workspace, looksAbove));
    },
  };
}

describe('ignore files', () => {
  it('count for what is below them, the nested ones too', async () => {
    const { ignoredBy } = treeOf({
      '/home/app/.git': '',
      '/home/app/.gitignore': 'dist/\n*.log',
      '/home/app/.git/info/exclude': 'notes.md',
      '/home/app/src/.ghostlineignore': 'private/\n/plan.md',
      '/home/app/src/.gitignore': '!keep.log',
    });
    expect(await ignoredBy('/home/app/dist/a.js')).toBe('git');
    expect(await ignoredBy('/home/app/notes.md')).toBe('git');
    expect(await ignoredBy('/home/app/src/keep.log')).toBeUndefined();
    expect(await ignoredBy('/home/app/src/deep/private/a.ts')).toBe('ghostline');
    expect(await ignoredBy('/home/app/src/plan.md')).toBe('ghostline');
    expect(await ignoredBy('/home/app/plan.md')).toBeUndefined();
  });

  it('of a repository count above the workspace, and none beyond it', async () => {
    const files: Files = {
      '/home/.gitignore': 'a.ts',
      '/home/.ghostlineignore': 'a.ts',
      '/home/app/.git': '',
      '/home/app/.gitignore': 'b.ts',
      '/home/app/.ghostlineignore': 'c.ts',
    };
    const { ignoredBy } = treeOf(files);
    const workspace = '/home/app/packages/one';
    expect(await ignoredBy(`${workspace}/a.ts`, workspace)).toBeUndefined();
    expect(await ignoredBy(`${workspace}/b.ts`, workspace)).toBe('git');
    expect(await ignoredBy(`${workspace}/c.ts`, workspace)).toBe('ghostline');
    const { '/home/app/.git': _, ...withoutGit } = files;
    expect(await treeOf(withoutGit).ignoredBy(`${workspace}/b.ts`, workspace)).toBeUndefined();
    const virtual = treeOf(files);
    expect(await virtual.ignoredBy(`${workspace}/b.ts`, workspace, false)).toBeUndefined();
    expect(virtual.reads).toEqual([workspace]);
  });

  it('of git end where another repository begins, of Ghostline they do not', async () => {
    const { ignoredBy } = treeOf({
      '/home/app/.git': '',
      '/home/app/.gitignore': 'a.ts',
      '/home/app/.ghostlineignore': 'b.ts',
      '/home/app/module/.git': 'gitdir: ../.git/modules/module',
    });
    expect(await ignoredBy('/home/app/module/a.ts')).toBeUndefined();
    expect(await ignoredBy('/home/app/module/b.ts')).toBe('ghostline');
  });

  it('tell two folders of a workspace apart', async () => {
    const { ignoredBy } = treeOf({ '/one/.ghostlineignore': 'a.ts' });
    expect(await ignoredBy('/one/a.ts', '/one')).toBe('ghostline');
    expect(await ignoredBy('/two/a.ts', '/two')).toBeUndefined();
  });

  it('of a file that is in no workspace are those of its folder and of its repository', async () => {
    const { tree } = treeOf({ '/tmp/.ghostlineignore': 'a.ts', '/x/.git': '', '/x/.gitignore': 'b.ts' });
    const by = async (path: string) => {
      const place = { path, workspace: undefined, looksAbove: true };
      await tree.prepare(place);
      return tree.ignoredBy(place);
    };
    expect(await by('/tmp/a.ts')).toBe('ghostline');
    expect(await by('/tmp/sub/a.ts')).toBeUndefined();
    expect(await by('/x/sub/b.ts')).toBe('git');
  });
});

describe('what is not known yet', () => {
  it('is not sent, at once and without waiting, until it is read', async () => {
    const { tree, place, ...rest } = treeOf({});
    expect(tree.ignoredBy(place('/home/app/a.ts'))).toBe('unread');
    expect(tree.ignoredBy(place('/home/app/a.ts'))).toBe('unread');
    await tree.prepare(place('/home/app/a.ts'));
    expect(tree.ignoredBy(place('/home/app/a.ts'))).toBeUndefined();
    expect(rest.reads.toSorted()).toEqual(['', '/home', '/home/app']);
  });

  it('is not sent either when it cannot be read, and is tried again', async () => {
    const files: Files = { '/home/app/src': new Error('no permission') };
    const session = treeOf(files);
    expect(await session.ignoredBy('/home/app/src/a.ts')).toBe('unread');
    files['/home/app/src'] = '';
    expect(await session.ignoredBy('/home/app/src/a.ts')).toBe('unread');
    session.pass(5000);
    await session.ignoredBy('/home/app/src/a.ts');
    expect(await session.ignoredBy('/home/app/src/a.ts')).toBeUndefined();
  });

  it('does not count above the workspace when it cannot be read', async () => {
    const { ignoredBy } = treeOf({ '/home': new Error('no permission') });
    expect(await ignoredBy('/home/app/a.ts')).toBeUndefined();
  });
});

describe('an ignore file that changes', () => {
  it('counts at once where that is told, and hides all until it is read', async () => {
    const files: Files = { '/home/app/.git': '' };
    const session = treeOf(files);
    expect(await session.ignoredBy('/home/app/a.ts')).toBeUndefined();
    const changes = session.changes;
    files['/home/app/.ghostlineignore'] = 'a.ts';
    session.tree.changed('/home/app');
    expect(session.tree.ignoredBy(session.place('/home/app/a.ts'))).toBe('unread');
    expect(await session.ignoredBy('/home/app/a.ts')).toBe('ghostline');
    expect(session.changes).toBeGreaterThan(changes);
  });

  it('counts within a minute where nobody tells', async () => {
    const files: Files = { '/home/app/.git': '' };
    const session = treeOf(files);
    expect(await session.ignoredBy('/home/app/a.ts')).toBeUndefined();
    files['/home/app/.ghostlineignore'] = 'a.ts';
    session.pass(30_000);
    // Known from before, and read again behind it.
    expect(session.tree.ignoredBy(session.place('/home/app/a.ts'))).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(session.tree.ignoredBy(session.place('/home/app/a.ts'))).toBe('ghostline');
  });

  it('is read once for many files of its folder', async () => {
    const session = treeOf({});
    for (let i = 0; i < 50; i++) await session.ignoredBy(`/home/app/${i}.ts`);
    expect(session.reads).toHaveLength(3);
  });
});
