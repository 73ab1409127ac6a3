import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { describeLines } from './describe.ts';
import type { Syntax, SyntaxDocument } from './syntax.ts';
import { loaded, loadedSyntax, readGrammarFile, syntaxFromDisk } from './testing/grammars.ts';

function drawn(text: string, language = 'typescript', uri = 'file:///a'): SyntaxDocument {
  return { uri, language, text: text.replace('█', ''), cursor: text.indexOf('█') };
}

const FUNCTION = `/** Returns the larger of two numbers. */
export function larger(a: number, b: number): number {
  // either may be missing
  if (Number.isNaN(a)) return b;
  const text = \`\${a} and \${b}\`;
  console.log(text, ["it's", 'two'], /["']/);
  return a > b ? a : b;
}

`;
const LONG = FUNCTION.repeat(1_200);

describe('a syntax', () => {
  it('knows nothing until a grammar is loaded, and then tells', async () => {
    const syntax = syntaxFromDisk();
    syntax.prepare('typescript');
    expect(syntax.at(drawn('f({█})'))).toBeUndefined();
    await loaded(syntax, 'typescript');
    expect(syntax.at(drawn('f({█})'))).toMatchObject({ scope: 'code', wantsBlock: false, by: 'tree' });
    syntax.dispose();
  });

  it('loads the runtime once and each grammar once, when a document of its language is asked about', async () => {
    const asked: string[] = [];
    const load = (name: string) => {
      asked.push(name);
      return readGrammarFile(name);
    };
    const syntax = syntaxFromDisk({
      loadRuntime: () => load('tree-sitter.wasm'),
      loadGrammar: (name) => load(`tree-sitter-${name}.wasm`),
    });
    syntax.prepare('python');
    syntax.prepare('python');
    await loaded(syntax, 'python');
    await loaded(syntax, 'c');
    await loaded(syntax, 'cpp');
    expect(asked).toEqual(['tree-sitter.wasm', 'tree-sitter-python.wasm', 'tree-sitter-cpp.wasm']);
  });

  it('asks for nothing in a language without a grammar', () => {
    const syntax = syntaxFromDisk({
      loadRuntime: () => Promise.reject(new Error('asked')),
      onTrouble: (_name, error) => expect.unreachable(String(error)),
    });
    syntax.prepare('vue');
    expect(syntax.at(drawn('<p>█</p>', 'vue'))).toBeUndefined();
  });

  it('says once what cannot be loaded, and stays silent about that language only', async () => {
    const troubles: string[] = [];
    const syntax = syntaxFromDisk({
      loadGrammar: (name) =>
        name === 'go' ? Promise.reject(new Error('not there')) : readGrammarFile(`tree-sitter-${name}.wasm`),
      onTrouble: (name, error) => troubles.push(`${name}: ${String(error)}`),
    });
    syntax.prepare('go');
    await loaded(syntax, 'python');
    for (let i = 0; i < 3; i++) expect(syntax.at(drawn('func f() {█', 'go'))).toBeUndefined();
    expect(syntax.at(drawn('def f():█', 'python'))).toMatchObject({ wantsBlock: true });
    expect(troubles).toEqual(['go: Error: not there']);
  });

  it('takes bytes that are no grammar for one that cannot be loaded', async () => {
    const failed = Promise.withResolvers<string>();
    const syntax = syntaxFromDisk({
      loadGrammar: () => Promise.resolve(new Uint8Array([1, 2, 3])),
      onTrouble: (name) => failed.resolve(name),
    });
    syntax.prepare('rust');
    expect(await failed.promise).toBe('rust');
    expect(syntax.at(drawn('fn f() {█', 'rust'))).toBeUndefined();
  });

  it('tells where the enclosing block begins, whether it is empty, and where it ends', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const document = drawn('class A {\n  f(\n    a: number,\n  ) {\n    █\n  }\n}\n');
    const end = document.text.indexOf('}');
    expect(syntax.at(document)?.block).toEqual({ indent: 2, empty: true, end });
    expect(describeLines(document.text, document.cursor, 'typescript').block).toEqual({ indent: 2, empty: true, end });
  });

  it('gives the same offsets in the middle of a long document', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const at = LONG.indexOf('export', LONG.length >> 1);
    const document = drawn(`${LONG.slice(0, at)}function middle() {\n  █\n}\n\n${LONG.slice(at)}`);
    const end = document.text.indexOf('}', document.cursor);
    expect(syntax.at(document)).toMatchObject({ wantsBlock: true, block: { indent: 0, empty: true, end } });
  });

  it('tells languages of one document apart when its language changes', async () => {
    const syntax = await loadedSyntax(['typescript', 'python']);
    const text = "# it's█ ready";
    expect(syntax.at(drawn(text, 'python'))?.scope).toBe('comment');
    expect(syntax.at(drawn('const a = `b█`', 'typescript'))?.scope).toBe('string');
    expect(syntax.at(drawn(text, 'python'))?.scope).toBe('comment');
  });

  it('answers about many documents in turn as about one', async () => {
    const syntax = await loadedSyntax(['typescript']);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) {
        const document = drawn(`const a${i} = "${'x'.repeat(i)}█";\n${FUNCTION}`, 'typescript', `file:///${i}`);
        expect(syntax.at(document)?.scope).toBe('string');
      }
    }
    syntax.forget('file:///3');
    syntax.forget('file:///never seen');
  });

  it('says nothing after it was disposed of', async () => {
    const syntax = await loadedSyntax(['typescript']);
    expect(syntax.at(drawn('f(█)'))).toBeDefined();
    syntax.dispose();
    expect(syntax.at(drawn('f(█)'))).toBeUndefined();
  });
});

describe('typing', () => {
  it('is followed with the answers a fresh look would give, in any place of a document', async () => {
    const following = await loadedSyntax(['typescript']);
    const fresh = await loadedSyntax(['typescript']);
    let text = FUNCTION.repeat(3);
    let answered = 0;
    for (const place of [FUNCTION.length, 0, FUNCTION.length * 2]) {
      let cursor = place;
      for (const char of FUNCTION) {
        text = text.slice(0, cursor) + char + text.slice(cursor);
        cursor += 1;
        const document = { uri: 'file:///a', language: 'typescript', text, cursor };
        const followed = following.at(document);
        fresh.forget('file:///a');
        const looked = fresh.at(document);
        expect(pick(followed), JSON.stringify(text.slice(cursor - 60, cursor))).toEqual(pick(looked));
        if (followed) answered += 1;
      }
    }
    expect(answered).toBeGreaterThan(FUNCTION.length * 3 * 0.9);
  });

  it('is followed through deletions, pastes and jumps', async () => {
    const following = await loadedSyntax(['typescript']);
    const fresh = await loadedSyntax(['typescript']);
    const random = seeded(41);
    let text = FUNCTION.repeat(40);
    for (let round = 0; round < 150; round++) {
      // Whole lines, so that the text stays one that parses: what a parser makes of damage depends on what it knew before.
      const lines = text.split('\n');
      const line = Math.floor(random() * lines.length);
      if (random() < 0.5) lines.splice(line, 0, ...FUNCTION.split('\n').slice(2, 3 + Math.floor(random() * 4)));
      else if (/^ {2}\S.*;$/.test(lines[line]!)) lines.splice(line, 1);
      text = lines.join('\n');
      const cursor = lines.slice(0, line).join('\n').length + 1;
      const document = { uri: 'file:///a', language: 'typescript', text, cursor };
      const followed = following.at(document);
      fresh.forget('file:///a');
      expect(followed?.scope).toBe(fresh.at(document)?.scope);
    }
  });

  it('does not let the memory of the parser grow', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const before = LONG.slice(0, 1_500);
    const after = LONG.slice(1_500, 3_000);
    let typed = '';
    const type = (keystrokes: number) => {
      for (let i = 0; i < keystrokes; i++) {
        typed = typed.length > FUNCTION.length ? '' : typed + FUNCTION[typed.length];
        const text = before + typed + after;
        syntax.at({ uri: 'file:///a', language: 'typescript', text, cursor: before.length + typed.length });
        if (i % 50 === 0)
          syntax.errorsAdded(
            { uri: 'file:///a', language: 'typescript', text, cursor: before.length },
            { start: before.length, end: before.length, inserted: '({' },
          );
      }
    };
    type(500);
    const memory = wasmMemory();
    type(10_000);
    expect(wasmMemory() - memory).toBeLessThan(1_000_000);
  }, 60_000);
});

describe('the parse budget', () => {
  it('ends a parse that takes too long, leaves the document alone for a while, and then tries again', async () => {
    let now = 0;
    let slow = true;
    const syntax = await loadedSyntax(['typescript'], { now: () => (slow ? (now += 1) : now) });
    const document = drawn(`${FUNCTION.repeat(60)}const a = "█";`);
    expect(syntax.at(document)).toBeUndefined();
    slow = false;
    expect(syntax.at(document)).toBeUndefined();
    expect(syntax.at(drawn('const b = "█"', 'typescript', 'file:///b'))?.scope, 'another document').toBe('string');
    now += 5_000;
    expect(syntax.at(document)?.scope).toBe('string');
  });

  it('goes on with another text after a parse that was ended', async () => {
    let now = 0;
    let slow = true;
    const syntax = await loadedSyntax(['typescript'], { now: () => (slow ? (now += 1) : now) });
    syntax.at(drawn(`${FUNCTION.repeat(60)}█`));
    slow = false;
    expect(syntax.at(drawn('f(`█`)', 'typescript', 'file:///b'))).toMatchObject({ scope: 'string' });
  });
});

describe('errorsAdded', () => {
  async function added(syntax: Syntax, text: string, inserted: string): Promise<number | undefined> {
    const document = drawn(text);
    return syntax.errorsAdded(document, { start: document.cursor, end: document.cursor, inserted });
  }

  it('tells what parses from what does not', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const text = 'function f() {\n  return █;\n}\n';
    expect(await added(syntax, text, 'a + b')).toBe(0);
    expect(await added(syntax, text, 'a + (b')).toBeGreaterThan(0);
    expect(await added(syntax, text, 'a; }')).toBeGreaterThan(0);
  });

  it('is negative where a candidate mends what was open', async () => {
    const syntax = await loadedSyntax(['typescript']);
    expect(await added(syntax, 'function f() {\n  return g(a█', ', b);\n}')).toBeLessThan(0);
  });

  it('leaves the document as it was', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const text = 'const a = "█";\nfunction f() {}\n';
    await added(syntax, text, '`');
    expect(syntax.at(drawn(text))?.scope).toBe('string');
    expect(syntax.at(drawn('const a = "";\nfunction f() {█}\n'))?.wantsBlock).toBe(true);
  });

  it('is unknown far from the cursor, and without a grammar', async () => {
    const syntax = await loadedSyntax(['typescript']);
    const document = { uri: 'file:///a', language: 'typescript', text: LONG, cursor: LONG.length >> 1 };
    expect(syntax.errorsAdded(document, { start: 0, end: 0, inserted: 'a' })).toBeUndefined();
    expect(
      syntax.errorsAdded(
        { ...document, language: 'vue' },
        { start: document.cursor, end: document.cursor, inserted: 'a' },
      ),
    ).toBeUndefined();
  });
});

/** The parser's memory is one WebAssembly memory, counted among the array buffers. */
function wasmMemory(): number {
  return process.memoryUsage().external;
}

function pick(answer: ReturnType<Syntax['at']>) {
  return answer && [answer.scope, answer.afterComment, answer.wantsBlock];
}
