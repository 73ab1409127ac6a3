import { describe, expect, it } from 'vitest';
import { allGlobs, globOf } from './exclude-globs.ts';

describe('the exclusions of all scopes', () => {
  it('add up, so that a workspace cannot lay open what its user excludes', () => {
    const lists = { user: ['*.sql', 'notes/'], workspace: ['src/a.ts', '*.sql'], folders: [] };
    expect(allGlobs(lists)).toEqual(['*.sql', 'notes/', 'src/a.ts']);
  });

  it('of one folder among several count in that folder only', () => {
    const folders = [{ name: 'api', globs: ['*.sql', 'src/a.ts', '/top.ts', 'gen/', '!gen/keep.ts', '**/x/y'] }];
    expect(allGlobs({ user: [], workspace: [], folders })).toEqual([
      'api/**/*.sql',
      'api/src/a.ts',
      'api/top.ts',
      'api/**/gen/',
      '!api/gen/keep.ts',
      'api/**/x/y',
    ]);
  });
});

describe('the pattern of one file', () => {
  it('is tied to its place', () => {
    expect(globOf('src/a.ts')).toBe('src/a.ts');
    expect(globOf('a.ts')).toBe('/a.ts');
  });

  it('is not mistaken for more than it names', () => {
    expect(globOf('src/[id]/page.tsx')).toBe('src/[id]/page.tsx');
    expect(globOf('what*is.ts')).toBe('/what?is.ts');
    expect(globOf('!odd/name.ts')).toBe('/!odd/name.ts');
  });
});
