import { randomFrom } from '@ghostline/seeded';
import { languageOf } from '@ghostline/syntax';
import { describe, expect, it, vi } from 'vitest';
import { economise } from './far-text.ts';

const typescript = languageOf('typescript');
const python = languageOf('python');
const lines = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join('\n');

describe('text that is far from the cursor', () => {
  it('is the same string when there is nothing to leave out', () => {
    const code = 'import a from "a";\n\n// Says why.\nexport function f() {\n  return a;\n}\n';
    const { text, saved } = economise(code, typescript, true);
    expect(text).toBe(code);
    expect(saved).toEqual({ licences: 0, comments: 0, blanks: 0, blobs: 0 });
  });

  it.each([
    ['block', '/*\n * Copyright 2026 Somebody\n * Licensed under the Apache License\n */\nconst a = 1;\n', typescript],
    ['line', '// Copyright 2026 Somebody\n// SPDX-License-Identifier: MIT\nconst a = 1;\n', typescript],
    ['hash', '#!/usr/bin/env python\n# Copyright 2026\n# All rights reserved.\na = 1\n', python],
  ])('loses the licence at its beginning: %s comments', (_, code, language) => {
    const { text, saved } = economise(code, language, true);
    expect(text).not.toMatch(/copyright/i);
    expect(text).toMatch(/a = 1/);
    expect(saved.licences).toBe(code.length - text.length);
    expect(economise(code, language, false).text).toBe(code);
  });

  it('keeps the beginning of a long comment and its end, and short ones whole', () => {
    const long = `/**\n${lines(12, (i) => ` * line ${i}`)}\n */\nfunction f() {}\n`;
    const { text, saved } = economise(long, typescript, true);
    expect(text).toBe('/**\n * line 0\n * line 1\n */\nfunction f() {}\n');
    expect(saved.comments).toBe(long.length - text.length);
    const short = `/**\n${lines(5, (i) => ` * line ${i}`)}\n */\n`;
    expect(economise(short, typescript, true).text).toBe(short);
    expect(
      economise(
        lines(12, (i) => `# ${i}`),
        python,
        true,
      ).text,
    ).toBe('# 0\n# 1\n# 2');
  });

  it('takes a comment that does not end, or has code behind it, for code', () => {
    const open = `/* ${lines(12, String)}`;
    expect(economise(open, typescript, true).text).toBe(open);
    const behind = `/*\n${lines(12, String)}\n*/ const a = 1;\n`;
    expect(economise(behind, typescript, true).text).toBe(behind);
  });

  it.each([
    ['that never end', '/*\n'.repeat(10_000)],
    ['that end in code', `${'/*\n'.repeat(10_000)}*/ a`],
    ['under lines that may stand before a licence', '#!\n'.repeat(10_000) + '// b\n\n'.repeat(10_000)],
  ])('is looked at a few times a line, also with comments %s', (_, code) => {
    const looks = [vi.spyOn(String.prototype, 'includes'), vi.spyOn(String.prototype, 'startsWith')];
    const { text } = economise(code, typescript, true);
    const count = looks.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    vi.restoreAllMocks();
    expect(text).toBe(code);
    expect(count).toBeLessThan(6 * code.split('\n').length);
  });

  it('finds the end of each comment, of those that hold the beginning of another too', () => {
    const twice = `/*\n/*\n${lines(12, String)}\n*/\n`;
    const code = `/* 1 */\n/*\n*/ a\n${twice}${twice}/* 2`;
    expect(economise(code, typescript, true).text).toBe('/* 1 */\n/*\n*/ a\n/*\n/*\n0\n*/\n/*\n/*\n0\n*/\n/* 2');
  });

  it('has single blank lines, and the line breaks at its ends', () => {
    const { text, saved } = economise('a\n\n\n  \n\nb\n', typescript, true);
    expect(text).toBe('a\n\nb\n');
    expect(saved.blanks).toBe(5);
    expect(economise('a\n\n\n\n', typescript, true).text).toBe('a\n\n');
    expect(economise('\n\n\na', typescript, true).text).toBe('\na');
  });

  it('has the beginning of blobs and of endless lines', () => {
    const blob = `const icon = "data:image/png;base64,${'iVBORw0KGgo'.repeat(100)}";\n`;
    const { text, saved } = economise(blob, typescript, true);
    expect(text.length).toBeLessThan(120);
    expect(text).toMatch(/^const icon = "data:image\/png;base64,.*\.\.\.";\n$/);
    expect(saved.blobs).toBe(blob.length - text.length);
    const table = `const t = [${'1, 2, 3, '.repeat(200)}];`;
    expect(economise(table, typescript, true).text).toBe(`${table.slice(0, 200)}...`);
    expect(economise(`x = "${'👻'.repeat(400)}"`, typescript, true).text.isWellFormed()).toBe(true);
  });

  it('never grows, and says what it lost', () => {
    const pieces = [
      '\n',
      '\n',
      '  ',
      '// a',
      '/*',
      '*/',
      ' * b',
      'code();',
      'x'.repeat(170),
      '# c',
      '"""',
      '<!--',
      '-->',
    ];
    const random = randomFrom(7);
    for (let round = 0; round < 2000; round++) {
      let text = '';
      for (let i = 0; i < 40; i++) {
        text += pieces[random(pieces.length)]!;
      }
      for (const id of ['typescript', 'python', 'html', 'plaintext']) {
        const short = economise(text, languageOf(id), round % 2 === 0);
        const { licences, comments, blanks, blobs } = short.saved;
        expect(text.length - short.text.length).toBe(licences + comments + blanks + blobs);
      }
    }
  });
});
