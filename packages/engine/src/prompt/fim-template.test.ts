import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { neutralise } from '../safety/control-tokens.ts';
import { type PromptParts, templateNames, templateOf } from './fim-template.ts';
import { plain } from './prompt-text.ts';
import { familyOf } from './template-families.ts';

const CONTINUATION = 'add(1';
const hole: PromptParts = {
  prefix: 'export const x = ',
  suffix: ';\nexport default x;\n',
  snippets: [],
  path: 'src/x.ts',
  language: 'typescript',
  lineComment: '//',
};
const files: PromptParts = {
  ...hole,
  snippets: [
    { name: 'src/a.ts', text: 'export const a = 1;' },
    { name: 'src/b.ts', text: 'export const b = 2;' },
  ],
};

/** One file a template: three prompts as an endpoint gets them, the cursor drawn at their ends. */
function drawn(name: string): string {
  const { render, ask } = templateOf(name);
  if (ask) {
    const cases = {
      'no snippets': ask(hole, '', false),
      snippets: ask(files, '', false),
      continuation: ask(hole, CONTINUATION, false),
      prefilled: ask(hole, CONTINUATION, true),
    };
    return Object.entries(cases)
      .map(([title, { messages }]) => `=== ${title}\n${messages.map((m) => `--- ${m.role}\n${m.content}█\n`).join('')}`)
      .join('');
  }
  const cases = {
    'no snippets': plain(render(hole)),
    snippets: plain(render(files)),
    continuation: plain(render(hole)) + CONTINUATION,
  };
  return Object.entries(cases)
    .map(([title, prompt]) => `=== ${title}\n${prompt}█\n`)
    .join('');
}

describe('FIM templates', () => {
  it.each(templateNames)('%s: the prompt that an endpoint gets', async (name) => {
    await expect(drawn(name)).toMatchFileSnapshot(`./fixtures/templates/${name}.txt`);
  });

  it('have no file of a template that is gone', () => {
    const known = readdirSync(path.join(import.meta.dirname, 'fixtures/templates')).map(
      (file) => path.parse(file).name,
    );
    expect(known.toSorted()).toEqual([...templateNames].toSorted());
    expect(readFileSync(path.join(import.meta.dirname, 'fixtures/templates/plain.txt'), 'utf8')).toBe(drawn('plain'));
  });

  it('leave an OpenAI-compatible server one of its four stops for the line break', () => {
    for (const name of templateNames) expect(templateOf(name).stop.length).toBeLessThanOrEqual(3);
  });

  it('are never guessed: an unknown name says which are known', () => {
    for (const name of ['qwen', 'toString', ''])
      expect(() => templateOf(name)).toThrow(`unknown FIM template "${name}"; known are ${templateNames.join(', ')}`);
  });

  it('codestral: lines that look like the name of a file are none', () => {
    const text = '+++++ a.py\nx = 1 +++++ 2\n+++++ b';
    const spoilt = '++++_ a.py\nx = 1 +++++ 2\n++++_ b';
    const parts = { ...hole, prefix: text, suffix: text, snippets: [{ name: 'c', text }] };
    expect(plain(templateOf('codestral').render(parts))).toBe(
      `[SUFFIX]${spoilt}[PREFIX]+++++ c\n${spoilt}\n\n+++++ src/x.ts\n${spoilt}`,
    );
  });

  it('put the prefix last where the model was trained for it, so that typing only adds to the prompt', () => {
    for (const name of ['codellama-spm', 'starcoder-spm', 'granite-code-spm', 'codestral']) {
      const { render } = templateOf(name);
      const typed = plain(render({ ...files, prefix: `${plain(files.prefix)}compute(` }));
      expect(typed.startsWith(plain(render(files))), name).toBe(true);
    }
  });
});

describe('a template’s own control tokens', () => {
  const tokens = templateNames.flatMap((name) => templateOf(name).controls);
  const stops = templateNames.flatMap((name) => templateOf(name).stop);
  const pieces = [...new Set([...tokens, ...stops])].flatMap((token) => [token, token.slice(0, 3), token.slice(3)]);
  const filler = ['<', '>', '|', '[', ']', '｜', 'a < b', '\n', ' ', 'x[i]', '<|', '|>', '+++++ ', '\n'];
  const random = seeded(11);
  const some = () =>
    Array.from({ length: Math.floor(random() * 8) }, () => {
      const from = random() < 0.7 ? pieces : filler;
      return from[Math.floor(random() * from.length)]!;
    }).join('');

  const count = (text: string, token: string) => text.split(token).length - 1;

  it('never come from the text of a user, whatever that is put together from', () => {
    for (let round = 0; round < 400; round++) {
      const name = () => neutralise(some().replaceAll('\n', ' '));
      const parts: PromptParts = {
        prefix: neutralise(some()),
        suffix: neutralise(some()),
        snippets: Array.from({ length: 2 }, () => ({ name: name(), text: neutralise(some()) })),
        path: name(),
        language: 'typescript',
        lineComment: '//',
      };
      const empty = {
        ...parts,
        prefix: '',
        suffix: '',
        path: '',
        snippets: parts.snippets.map(() => ({ name: '', text: '' })),
      };
      for (const template of templateNames) {
        const { render, controls, stop } = templateOf(template);
        for (const token of [...controls, ...stop])
          expect(count(plain(render(parts)), token), `${template} ${token} ${JSON.stringify(parts)}`).toBe(
            count(plain(render(empty)), token),
          );
      }
    }
  });

  it('are all known to whoever keeps them out', () => {
    for (const token of new Set([...tokens, ...stops.filter((stop) => !stop.startsWith('\n'))])) {
      const text = `a\n${token}b`;
      expect(neutralise(text), token).not.toContain(token);
      expect(neutralise(text).length, token).toBe(text.length);
    }
  });
});

describe('the family that a model’s name looks like', () => {
  it.each([
    ['Qwen/Qwen2.5-Coder-7B', 'qwen2.5-coder'],
    ['qwen3-coder:30b', 'qwen2.5-coder'],
    ['bigcode/starcoder2-15b', 'starcoder2'],
    ['starcoderbase-1b', 'starcoder'],
    ['codellama/CodeLlama-13b-hf', 'codellama'],
    ['deepseek-ai/DeepSeek-Coder-V2-Lite-Base', 'deepseek-coder'],
    ['google/codegemma-2b', 'codegemma'],
    ['codestral-2508', 'codestral'],
    ['ibm-granite/granite-8b-code-base', 'granite-code'],
    ['granite4:tiny-h', 'granite'],
    ['stabilityai/stable-code-3b', 'stable-code'],
    ['ByteDance-Seed/Seed-Coder-8B-Base', 'seed-coder'],
    ['JetBrains/Mellum-4b-base', 'mellum'],
  ])('%s: %s', (model, template) => {
    expect(familyOf('fast', model)?.template).toBe(template);
    expect(templateNames).toContain(template);
  });

  it('is none when it looks like nothing known', () => {
    expect(familyOf('fast', 'gpt-4.1-mini')).toBeUndefined();
  });
});
