import type { CompletionRequest, Snippet } from '@ghostline/protocol';
import { seeded } from '@ghostline/seeded';
import { languageOf } from '@ghostline/syntax';
import { describe, expect, it } from 'vitest';
import { createCacheKeys } from '../cache/cache-key.ts';
import { createMakeSafe } from '../safety/safe-request.ts';
import { templateNames, templateOf } from './fim-template.ts';
import { createKnownTexts } from './known-texts.ts';
import { plain } from './prompt-text.ts';
import { chooseSampling, createPromptBuilder } from './prompt.ts';

const PIECES = [
  'const a = 1;\n',
  '  return x;\n',
  '// a comment of some length\n',
  `${'a'.repeat(90)}\n`,
  '\n',
  '\r\n',
  '\\n',
  '"',
  '<|fim_prefix|>',
  '<|fim',
  '_middle|>',
  '[SUFFIX]',
  '[',
  'PREFIX]',
  '</s>',
  '<',
  '|',
  '>',
  '+++++ ',
  '+++++ a.ts\n',
  '\\',
  '\ud83d',
  '\ude00',
  'é',
  '漢字',
  '\u2028',
  '\0',
];

function createBuilder() {
  const texts = createKnownTexts();
  const [makeSafe, prompts] = [createMakeSafe(() => {}, texts), createPromptBuilder({ texts })];
  return (request: CompletionRequest, template: string, contextTokens: number) =>
    prompts.build(
      makeSafe(request, () => false),
      chooseSampling(request),
      { name: 'm', template, contextTokens },
      { affinity: '', tenant: '' },
    );
}

describe('a prompt of which parts are remembered', () => {
  it('is what is put together of its strings, as is what is sent, and has the names that a new process gives it', () => {
    const random = seeded(5);
    const pick = (most: number) => Math.floor(random() * most);
    const textOf = (chars: number): string => {
      let text = '';
      while (text.length < chars) text += PIECES[pick(PIECES.length)]!;
      return text;
    };
    const files = Array.from({ length: 6 }, () => textOf(9_000));
    const fileOf = () => files[pick(files.length)]!;
    const build = createBuilder();
    const keysOf = createCacheKeys(new Uint8Array(32).fill(1));
    const scope = { org: 'acme', epoch: 'one' };
    const named = new Map<string, string>();
    for (let round = 0; round < 400; round++) {
      const [file, template] = [fileOf(), templateNames[pick(templateNames.length)]!];
      const cursor = pick(file.length);
      const request: CompletionRequest = {
        prefix: file.slice(Math.max(0, cursor - 6_000), cursor) + textOf(pick(20)),
        suffix: file.slice(cursor, cursor + pick(4_000)),
        language: ['typescript', 'python', 'plaintext'][pick(3)]!,
        trigger: 'automatic',
        snippets: Array.from({ length: pick(4) }, (_, index): Snippet => {
          return { path: `${index}.ts`, text: fileOf().slice(0, pick(3_000)), source: 'open_file', score: pick(3) };
        }),
      };
      const contextTokens = [8_000, 1_200, 300][pick(3)]!;
      const prompt = build(request, template, contextTokens);
      const { prefix, suffix, snippets, path, language } = prompt;
      const { lineComment } = languageOf(language);
      const whole = plain(templateOf(template).render({ prefix, suffix, snippets, path, language, lineComment }));
      const { pieces } = prompt.render(template);
      expect(pieces.map(({ text }) => text).join('')).toBe(whole);
      expect(JSON.parse(`"${Buffer.concat(pieces.map(({ json }) => json)).toString()}"`)).toBe(whole);

      const afresh = createBuilder()(request, template, contextTokens);
      expect(
        afresh
          .render(template)
          .pieces.map(({ text }) => text)
          .join(''),
      ).toBe(whole);
      const [key, other] = [keysOf(prompt, scope), keysOf(afresh, scope)];
      expect([key.exact, key.context, key.prefix()]).toEqual([other.exact, other.context, other.prefix()]);
      const { sampling, multiline } = prompt;
      const what = JSON.stringify([prefix, suffix, snippets, language, sampling.maxTokens, multiline]);
      expect(named.get(key.exact) ?? what).toBe(what);
      named.set(key.exact, what);
    }
  });
});
