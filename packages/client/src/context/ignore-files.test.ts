import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isIgnoredBy, parseIgnoreFile } from '@ghostline/safety';
import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';

describe('ignore files', () => {
  const PIECES = ['a', 'b', 'B', 'ab', '*', '**', '?', '[ab]', '[!a]', 'a*', '*b', '[[:alpha:]]', '\\a', ' ', 'a.b'];
  const NAMES = ['a', 'b', 'ab', 'ba', 'a.b', 'c', 'abc'];

  it('mean what git says, on drawn rules in nested folders', () => {
    const random = randomFrom(7);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
    const rule = () => {
      const names = Array.from({ length: 1 + random(3) }, () => pick(PIECES) + (random(4) === 0 ? pick(PIECES) : ''))
        // Next to other characters two stars are one by the manual, and in some versions of git now this, now that.
        .map((name) => (name.includes('**') ? '**' : name));
      return `${pick(['', '', '', '!'])}${pick(['', '', '/'])}${names.join('/')}${pick(['', '', '/'])}`;
    };
    const rules = () => Array.from({ length: 1 + random(4) }, rule).join('\n');
    let ignoredAtAll = 0;
    for (let run = 0; run < 20; run++) {
      const root = mkdtempSync(path.join(tmpdir(), 'ignore-'));
      try {
        execFileSync('git', ['init', '-q', root]);
        const folders = ['', 'a', 'a/b', 'b'];
        const levels = folders.map((folder) => ({ folder, text: random(3) > 0 || folder === '' ? rules() : '' }));
        for (const { folder, text } of levels) {
          mkdirSync(path.join(root, folder), { recursive: true });
          writeFileSync(path.join(root, folder, '.gitignore'), text);
        }
        const files = new Set<string>();
        while (files.size < 80) files.add(Array.from({ length: 1 + random(4) }, () => pick(NAMES)).join('/'));
        const asked = [...files];
        const said = ignoredByGit(root, asked);
        const parsed = levels.map(({ folder, text }) => ({ folder, rules: parseIgnoreFile(text) }));
        for (const file of asked) {
          // What exists as a folder is a folder to git.
          if (folders.includes(file)) continue;
          expect(isIgnoredBy(parsed, file), `${file}\n${JSON.stringify(levels, undefined, 1)}`).toBe(said.has(file));
        }
        ignoredAtAll += said.size;
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }
    expect(ignoredAtAll).toBeGreaterThan(200);
  });
});

function ignoredByGit(root: string, files: readonly string[]): Set<string> {
  const options = ['-C', root, '-c', 'core.ignorecase=true', '-c', 'core.excludesFile='];
  try {
    const output = execFileSync('git', [...options, 'check-ignore', '--no-index', '-z', '--stdin'], {
      input: files.join('\0'),
    });
    return new Set(output.toString('utf8').split('\0').filter(Boolean));
  } catch (error) {
    // 1: none is ignored.
    if ((error as { status?: number }).status === 1) return new Set();
    throw error;
  }
}
