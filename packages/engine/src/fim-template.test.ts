import { describe, expect, it } from 'vitest';
import { templateNames, templateOf } from './fim-template.ts';

const hole = { prefix: 'const x = ', suffix: ';\n', snippets: [], path: 'src/x.ts', lineComment: '//' };
const files = {
  ...hole,
  snippets: [
    { name: 'src/a.ts', text: 'const a = 1;' },
    { name: 'src/b.ts', text: 'const b = 2;' },
  ],
};

describe('FIM templates', () => {
  it('qwen2.5-coder: one file', () => {
    expect(templateOf('qwen2.5-coder').render(hole)).toBe('<|fim_prefix|>const x = <|fim_suffix|>;\n<|fim_middle|>');
  });

  it('qwen2.5-coder: files of a repository', () => {
    expect(templateOf('qwen2.5-coder').render(files)).toBe(
      '<|repo_name|>workspace\n' +
        '<|file_sep|>src/a.ts\nconst a = 1;\n' +
        '<|file_sep|>src/b.ts\nconst b = 2;\n' +
        '<|file_sep|>src/x.ts\n<|fim_prefix|>const x = <|fim_suffix|>;\n<|fim_middle|>',
    );
  });

  it('starcoder2: one file', () => {
    expect(templateOf('starcoder2').render(hole)).toBe('<fim_prefix>const x = <fim_suffix>;\n<fim_middle>');
  });

  it('starcoder2: files of a repository', () => {
    expect(templateOf('starcoder2').render(files)).toBe(
      '<repo_name>workspace<file_sep>src/a.ts\nconst a = 1;<file_sep>src/b.ts\nconst b = 2;' +
        '<file_sep><fim_prefix>src/x.ts\nconst x = <fim_suffix>;\n<fim_middle>',
    );
  });

  it('plain: the text before the cursor, with files in comments', () => {
    expect(templateOf('plain').render(hole)).toBe('const x = ');
    expect(templateOf('plain').render(files)).toBe(
      '// src/a.ts\nconst a = 1;\n\n// src/b.ts\nconst b = 2;\n\n// src/x.ts\nconst x = ',
    );
  });

  it('leave an OpenAI-compatible server one of its four stops for the line break', () => {
    for (const name of templateNames) expect(templateOf(name).stop.length).toBeLessThanOrEqual(3);
  });

  it('are never guessed: an unknown name says which are known', () => {
    for (const name of ['qwen', 'toString', ''])
      expect(() => templateOf(name)).toThrow(
        `unknown FIM template "${name}"; known are qwen2.5-coder, starcoder2, plain`,
      );
  });
});
