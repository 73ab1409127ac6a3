import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { type StopRuleInput, createStopRule } from './stop-rule.ts';

/** What is shown of `generated` when it comes in the given chunks, and whether the rule ended it. */
function run(input: StopRuleInput, chunks: readonly string[]): { shown: string; stopped: boolean } {
  const rule = createStopRule(input);
  let shown = '';
  for (const chunk of chunks) {
    const verdict = rule.feed(chunk);
    shown += verdict.emit;
    if (verdict.done) return { shown, stopped: true };
  }
  return { shown: shown + rule.end(), stopped: false };
}

interface Case {
  readonly name: string;
  readonly language?: string;
  /** The document, `█` where the cursor is. */
  readonly at: string;
  /** What the model would say, `┃` where it must end; without one it is shown whole. */
  readonly says: string;
}

const ONE_LINE: readonly Case[] = [
  { name: 'ends at the line break', at: 'const x = █\nnext();', says: 'add(1, 2);┃\nconst y = 2;' },
  { name: 'keeps what comes without a line break', at: 'const x = █', says: 'add(1, 2);' },
  { name: 'looks for text behind leading line breaks', at: 'const x = 1;█', says: '\n\nconst y = 2;┃\n' },
  { name: 'drops white space at the end of the line', at: 'const x = █', says: '1;┃  \r\nconst y' },
  { name: 'takes Windows line breaks whole', at: 'const x = █', says: '1;┃\r\n' },
  { name: 'leaves brackets to whoever knows the document', at: 'add(█)', says: 'a, b);┃\n}' },
];

const SEVERAL_LINES: readonly Case[] = [
  {
    name: 'closes the block the cursor line opens',
    at: 'function add(a, b) {█\n',
    says: '\n  return a + b;\n}┃\n\nfunction sub(a, b) {\n',
  },
  {
    name: 'leaves the closing bracket that is there already',
    at: 'function add(a, b) {\n  █\n}\n',
    says: 'const sum = a + b;\n  return sum;┃\n}\n',
  },
  {
    name: 'does not take the closing bracket of an outer block for its own',
    at: 'class Sums {\n  add(a, b) {\n    █\n}\n',
    says: 'return a + b;\n  }┃\n\n  sub() {',
  },
  {
    name: 'closes all that the line opened, and the statement',
    at: 'useEffect(() => {█\n',
    says: '\n  load(id);\n}, [id]);┃\n\nreturn null;',
  },
  {
    name: 'keeps nested blocks and the blank lines between them',
    at: 'function f() {█\n}',
    says: '\n  if (a) {\n    b();\n  }\n\n  for (;;) {\n    c();\n  }┃\n}\n',
  },
  { name: 'ends before an else that opens another block', at: 'if (a) {█', says: '\n  b();\n}┃ else {\n  c();\n}' },
  {
    name: 'goes by brackets where the opening line is indented oddly',
    at: 'if (a &&\n    b) {█\n',
    says: '\n  c();\n}┃\nd();',
  },
  { name: 'closes an empty block', at: 'class Empty {█', says: '\n}┃\nclass Next {' },
  {
    name: 'ends before a line that is dedented without closing',
    at: 'f() {\n    █\n}',
    says: 'a();\n    b();┃\n  c();',
  },
  {
    name: 'does not count brackets in strings and comments',
    at: 'function f() {█\n',
    says: '\n  log("}");  // }\n  /* don\'t } */ log(`\n}`);\n}┃\nx',
  },
  { name: 'ends before a bracket nothing opened', at: 'const a = 1;\nconst b = █', says: 'f(1)┃)\n' },
  { name: 'ends with the paragraph outside of a block', at: '█', says: 'const a = 1;\nconst b = 2;┃\n\nconst c = 3;' },
  {
    name: 'goes on after a blank line while indented',
    language: 'python',
    at: '█',
    says: 'def f():\n    a()\n\n    b()┃\n\n\ndef g():',
  },
  {
    name: 'ends where indentation does',
    language: 'python',
    at: 'def add(a, b):█\n',
    says: '\n    total = a + b\n\n    return total┃\n\n\ndef sub(a, b):\n',
  },
  {
    name: 'keeps a dedented line within brackets',
    language: 'python',
    at: 'def f():\n    █',
    says: 'return sum([\n1,\n2,\n])┃\n\nf()',
  },
  {
    name: 'keeps prose in a docstring',
    language: 'python',
    at: 'def f():█',
    says: '\n    """Don\'t:\n\n    a) this (or that\n    """\n    return 1┃\nf()',
  },
  {
    name: 'says nothing when the model leaves the block at once',
    language: 'python',
    at: 'def f():█\n',
    says: '┃\nf()\n',
  },
  {
    name: 'adds the word that closes the block',
    language: 'ruby',
    at: 'def add(a, b)█\n',
    says: '\n  a + b\nend┃\n\ndef sub',
  },
  { name: 'adds it at the very end, too', language: 'ruby', at: 'def add(a, b)█\n', says: '\n  a + b\nend' },
  { name: 'leaves the word that is there', language: 'ruby', at: 'def add(a, b)\n  █\nend\n', says: 'a + b┃\nend\n' },
  { name: 'knows a closing word from its beginning', language: 'ruby', at: 'def f\n  █', says: 'a┃\nendless = 1' },
  { name: 'ends an if before its else', language: 'lua', at: 'if x then█\n', says: '\n  a()┃\nelse\n  b()\nend' },
  {
    name: 'takes lifetimes for no quotes',
    language: 'rust',
    at: 'impl A {█\n',
    says: "\n    fn get<'a>(&'a self) -> &'a str {\n        self.0\n    }\n}┃\n",
  },
  {
    name: 'lets preprocessor lines stand at the margin',
    language: 'c',
    at: 'int f(void) {█\n',
    says: '\n  a();\n#ifdef B\n  b();\n#endif\n}┃\n',
  },
  { name: 'keeps a case label', language: 'shellscript', at: 'case $1 in█\n', says: '\n  a) b ;;\n  *) c ;;\nesac┃\n' },
  { name: 'counts a tab as deeper', language: 'go', at: 'func f() {█\n', says: '\n\tif a {\n\t\tb()\n\t}\n}┃\n' },
  { name: 'keeps Windows line breaks', at: 'function f() {█\r\n', says: '\r\n  a();\r\n}┃\r\n\r\ng();' },
  {
    name: 'ends after what a comment asked for',
    at: '// adds both numbers█\n\nnext();\n',
    says: '\nfunction add(a, b) {\n  const sum = a + b;\n\n  return sum;\n}┃\n\nfunction sub() {',
  },
  {
    name: 'takes no bracket of a regular expression or template for one of the code',
    at: 'function f() {█\n',
    says: '\n  return /[}\'"]/.test(`${`}`}`);\n}┃\nx',
  },
  { name: 'keeps the branch of a case', at: 'switch (a) {\n  case 1:█\n', says: '\n    b();\n    break;┃\n  case 2:' },
  { name: 'leaves prose alone', language: 'markdown', at: '█', says: "It's fine :)\n- and so on)┃\n\nNext" },
];

function split(drawn: string, mark: string): [string, string] {
  const [before = '', after = ''] = drawn.split(mark);
  return [before, after];
}

function inputOf({ at, language = 'typescript' }: Case, multiline: boolean): StopRuleInput {
  const [prefix, suffix] = split(at, '█');
  return { prefix, suffix, language, multiline };
}

describe.each([
  ['one line', ONE_LINE, false],
  ['several lines', SEVERAL_LINES, true],
] as const)('a stop rule for %s', (_title, cases, multiline) => {
  it.each(cases)('$name', (drawn) => {
    const [expected] = split(drawn.says, '┃');
    const said = drawn.says.replace('┃', '');
    const input = inputOf(drawn, multiline);
    expect(run(input, [said])).toEqual({ shown: expected, stopped: drawn.says.includes('┃') });
    expect(run(input, [...said]).shown, 'one character at a time').toBe(expected);
  });
});

describe('a stop rule', () => {
  it('streams: text is shown as soon as the next character cannot take it back', () => {
    const rule = createStopRule({ prefix: 'f() {', suffix: '', language: 'typescript', multiline: true });
    expect(rule.feed('\n  a')).toEqual({ emit: '\n  a', done: false });
    expect(rule.feed('();\n ')).toEqual({ emit: '();', done: false });
    expect(rule.feed(' b')).toEqual({ emit: '\n  b', done: false });
    expect(rule.feed(';\n}')).toEqual({ emit: ';\n}', done: false });
    expect(rule.feed('\n')).toEqual({ emit: '', done: true, reason: 'block_end' });
    expect(rule.feed('more')).toEqual({ emit: '', done: true, reason: 'block_end' });
    expect(rule.end()).toBe('');
  });

  it('ends a suggestion that nobody could read', () => {
    const says = Array.from({ length: 50 }, (_, i) => `  line${i}();`).join('\n');
    const { shown, stopped } = run({ prefix: 'f() {\n', suffix: '', language: 'typescript', multiline: true }, [says]);
    expect(stopped).toBe(true);
    expect(shown.split('\n')).toHaveLength(30);
  });

  it('ends when a model says nothing but line breaks', () => {
    for (const multiline of [true, false]) {
      const input = { prefix: 'f() {', suffix: '', language: 'typescript', multiline };
      expect(run(input, ['\n'.repeat(1000)])).toEqual({ shown: '', stopped: true });
    }
  });

  it('shows the same beginning of the text however it is cut into chunks', () => {
    const random = seeded(20_261_121);
    const pieces = ['\n', '\n', '\r\n', '  ', '    ', '\t', 'a', 'foo()', '{', '}', '(', ')', '"', "'", '`', '\\'];
    const words = ['// x', '/*', '*/', '#', 'end', 'ending', 'fi', ';', ',', 'if x:', '"""', '😀', 'else'];
    const all = [...pieces, ...words];
    const languages = ['typescript', 'python', 'ruby', 'shellscript', 'rust', 'markdown', 'unknown'];
    const some = () => Array.from({ length: Math.floor(random() * 25) }, () => pick(all, random)).join('');
    for (let round = 0; round < 3000; round++) {
      const input = { prefix: some(), suffix: some(), language: pick(languages, random), multiline: random() < 0.8 };
      const said = some() + some();
      const whole = run(input, [said]);
      expect(said.startsWith(whole.shown), JSON.stringify({ input, said })).toBe(true);
      const chunks: string[] = [];
      for (let at = 0; at < said.length;) {
        const length = 1 + Math.floor(random() * 6);
        chunks.push(said.slice(at, at + length));
        at += length;
      }
      expect(run(input, chunks), JSON.stringify({ input, said, chunks })).toEqual(whole);
    }
  });

  it('takes linear time', () => {
    const time = (length: number) => {
      const rule = createStopRule({ prefix: 'f(', suffix: '', language: 'typescript', multiline: true });
      const started = Date.now();
      for (let i = 0; i < length; i++) rule.feed('  (');
      return Date.now() - started;
    };
    time(20_000);
    expect(time(200_000)).toBeLessThan(1000);
  });
});

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!;
}
