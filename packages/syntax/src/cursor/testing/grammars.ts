import { readFile } from 'node:fs/promises';
import { grammarFiles } from '../../../grammar-files.mjs';
import { languageOf } from '../../languages.ts';
import { type Syntax, type SyntaxOptions, createSyntax } from '../syntax.ts';

/** The real files, as a build would ship them. */
export async function readGrammarFile(name: string): Promise<Uint8Array> {
  const file = grammarFiles.find((file) => file.name === name);
  if (!file) throw new Error(`no file ${name}`);
  return new Uint8Array(await readFile(file.path));
}

/** Its clock stands still unless it is given one: a busy machine must not run out of a test's parse budget. */
export function syntaxFromDisk(options: Partial<SyntaxOptions> = {}): Syntax {
  return createSyntax({
    loadRuntime: () => readGrammarFile('tree-sitter.wasm'),
    loadGrammar: (name) => readGrammarFile(`tree-sitter-${name}.wasm`),
    now: () => 0,
    ...options,
  });
}

/** With the grammars of `languages` loaded. */
export async function loadedSyntax(
  languages: readonly string[],
  options: Partial<SyntaxOptions> = {},
): Promise<Syntax> {
  const syntax = syntaxFromDisk(options);
  for (const language of languages) await loaded(syntax, language);
  return syntax;
}

export async function loaded(syntax: Syntax, language: string): Promise<void> {
  if (languageOf(language).grammar === undefined) return;
  const probe = { uri: 'probe:', text: '', cursor: 0, language };
  for (let turn = 0; !syntax.at(probe); turn++) {
    if (turn > 2_000) throw new Error(`the grammar of ${language} does not load`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  syntax.forget(probe.uri);
}
