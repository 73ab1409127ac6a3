import { describe, expect, it } from 'vitest';
import { languageOf, languageOfPath } from './languages.ts';

describe('languageOfPath', () => {
  it.each([
    ['src/app.ts', 'typescript'],
    ['src\\view\\App.TSX', 'typescriptreact'],
    ['a/b.test.mjs', 'javascript'],
    ['Dockerfile', 'dockerfile'],
    ['deploy/api.Dockerfile', 'dockerfile'],
    ['Makefile', 'makefile'],
    ['lib/x.hpp', 'cpp'],
    ['notes', 'plaintext'],
    ['archive.xyz', 'plaintext'],
    ['dir.ts/readme', 'plaintext'],
    ['', 'plaintext'],
  ])('takes %s for %s', (path, id) => {
    expect(languageOfPath(path).id).toBe(id);
  });
});

describe('languageOf', () => {
  it('knows comments and how blocks are closed', () => {
    expect(languageOf('python')).toMatchObject({ lineComment: '#', indentation: true });
    expect(languageOf('ruby').blockClosers).toEqual(['end']);
  });

  it('gives an unknown id brackets and C comments, whatever the id is', () => {
    for (const id of ['brainfork', 'constructor', '__proto__'])
      expect(languageOf(id)).toMatchObject({ id, lineComment: '//', brackets: ['()', '[]', '{}'], indentation: false });
  });
});
