import { describe, expect, it } from 'vitest';
import { type NgramRequest, completeFromContext } from './index.ts';

/** The candidates for an editor drawn with its cursor as █. */
function complete(drawn: string, options: Partial<NgramRequest> = {}) {
  const [prefix = '', suffix = ''] = drawn.split('█');
  return completeFromContext({
    prefix,
    suffix,
    snippets: [],
    maxChars: 400,
    candidates: 1,
    singleLine: true,
    ...options,
  });
}

const texts = (drawn: string, options?: Partial<NgramRequest>) => complete(drawn, options).map(({ text }) => text);

describe('the place to continue from', () => {
  it('is where the text before the cursor occurred before', () => {
    expect(complete('const a = compute(rows);\nconst b = compu█')).toEqual([
      { text: 'te(rows);', confidence: 0.5, cut: false },
    ]);
  });

  it('is the longest match, before a nearer one', () => {
    const drawn = 'let total = sum(prices);\nlet count = sum(items);\nlet total = sum(█';
    expect(texts(drawn)).toEqual(['prices);']);
  });

  it('is the nearest before the cursor among equals, then after it, then in the order of snippets', () => {
    const options = { snippets: ['user.fourth;\nuser.fifth;', 'user.sixth;'], candidates: 9 };
    expect(texts('  user.first;\n(user.second;\n=user.█\n[user.third;\n-user.thirdAgain;', options)).toEqual([
      'second;',
      'first;',
      'third;',
      'thirdAgain;',
      'fourth;',
      'fifth;',
      'sixth;',
    ]);
    expect(complete('user.█', { snippets: ['user.name'] })).toEqual([{ text: 'name', confidence: 0.5, cut: false }]);
  });

  it('is never the cursor itself, nor text that is being typed', () => {
    expect(texts('user.█')).toEqual([]);
    expect(texts('fooo fooo fooo fooo █')).toEqual([]);
  });

  it('is given as often as asked for, each text once', () => {
    const drawn = '(item.name\n[item.size\n{item.name\n<item.█';
    expect(texts(drawn, { candidates: 3 })).toEqual(['name', 'size']);
    expect(texts(drawn, { candidates: 0 })).toEqual([]);
  });
});

describe('a match that says too little', () => {
  it.each([
    ['without any text', '█'],
    ['only white space', 'a();\n\n\n   b();\n\n\n   █'],
    ['only punctuation', 'a = (1);\nb = (█'],
    ['a keyword alone', 'const a = 1;\nconst █'],
    ['a word shorter than three letters', 'x(total);\n+to█'],
    ['digits', 'a(12345);\nb-123█'],
    ['the end of another word', 'recompute();\n= compu█'],
    ['a line start after a line found anywhere', 'x {\n  a();\n}\nif (y) {\n  █'],
  ])('leaves the model silent: %s', (_, drawn) => {
    expect(texts(drawn)).toEqual([]);
  });

  it('is made up for by the words before it', () => {
    expect(texts('const to = price(total);\nlet so = price(to█')).toEqual(['tal);']);
  });

  it('completes a word alone when nothing but the word is known', () => {
    expect(texts('function computeTotal(items) {}\nconst total = compu█')).toEqual(['teTotal']);
  });

  it('has nothing to add inside of a word', () => {
    expect(texts('computeTotal();\ncomp█ute')).toEqual([]);
  });
});

describe('a continuation', () => {
  it('starts a line as after the line before', () => {
    const drawn =
      'test(() => {\n  const server = start();\n  await server.ready();\n});\n  const server = start();\n  █';
    expect(texts(drawn)).toEqual(['await server.ready();']);
  });

  it('goes on to the end of the block when several lines are wanted', () => {
    const block = 'for (const row of rows) {\n  if (row) {\n    keep(row);\n  }\n\n  count();\n}\nelsewhere();\n';
    expect(texts(`${block}\nfor (const row █`, { singleLine: false })).toEqual([
      'of rows) {\n  if (row) {\n    keep(row);\n  }\n\n  count();\n}',
    ]);
    expect(texts(`${block}\nfor (const row █`)).toEqual(['of rows) {']);
  });

  it('takes over the indentation of the cursor', () => {
    const block = 'for (const row of rows) {\n  keep(row);\n}\nelsewhere();\n';
    expect(texts(`${block}{\n    for (const row █`, { singleLine: false })).toEqual([
      'of rows) {\n      keep(row);\n    }',
    ]);
    const body = 'function load() {\n  while (more) {\n    next();\n  }\n}\n';
    expect(texts(`${body}function load() {\n█`, { singleLine: false })).toEqual(['  while (more) {\n    next();\n  }']);
  });

  it('starts at the indentation the cursor has, however deep its source stands', () => {
    const nested =
      'if (a) {\n  if (b) {\n    for (const item of items) {\n      keep(item);\n      if (c) {\n        go();\n      }\n    }\n  }\n}\n';
    const typed = 'for (const item of items) {\n';
    expect(texts(`${nested}${typed}  █`)).toEqual(['keep(item);']);
    expect(texts(`${nested}${typed}  █\n}`, { singleLine: false })).toEqual([
      'keep(item);\n  if (c) {\n    go();\n  }',
    ]);
    expect(texts(`${nested}${typed}█\n}`, { singleLine: false })).toEqual([
      '  keep(item);\n  if (c) {\n    go();\n  }',
    ]);
    expect(texts(`${nested}{\n  ${typed}  █`)).toEqual(['  keep(item);']);
    expect(texts(`${nested}${typed}\t█`, { snippets: [nested.replaceAll('  ', '\t')] })).toEqual(['keep(item);']);
  });

  it('goes back to the indentation of the line above, where the cursor has none', () => {
    const source = 'if (a) {\n    const server = start();\n    await server.ready();\n}\n';
    expect(texts(`${source}{\n  const server = start();\n█`)).toEqual(['  await server.ready();']);
    expect(texts(`${source}const server = start();\n█`)).toEqual(['await server.ready();']);
  });

  it('fills an empty block up to its end, but for the closing line', () => {
    const source =
      'function load(file) {\n  const text = read(file);\n\n  if (text) {\n    keep(text);\n  }\n  return text;\n}\n\n';
    const body = 'const text = read(file);\n\n  if (text) {\n    keep(text);\n  }\n  return text;';
    const typed = `${source}function load(file) {\n  █`;
    expect(texts(`${typed}\n}`, { singleLine: false })).toEqual([body]);
    expect(texts(typed, { singleLine: false })).toEqual([body]);
    expect(texts(`${typed}\n}`)).toEqual(['const text = read(file);']);
    const crlf = `${typed}\n}\n`.replaceAll('\n', '\r\n');
    expect(texts(crlf, { singleLine: false })).toEqual([body.replaceAll('\n', '\r\n')]);
    expect(texts(`${typed}\n}`, { singleLine: false, maxChars: 30 })).toEqual(['const text = read(file);']);
  });

  it('fills one that indentation alone marks', () => {
    const source = 'def load(file):\n    text = read(file)\n    return text\n\n';
    expect(texts(`${source}def load(file):\n    █\n`, { singleLine: false })).toEqual([
      'text = read(file)\n    return text',
    ]);
  });

  it('is one line in a block that has lines already', () => {
    const source = 'function load(file) {\n  const text = read(file);\n  return text;\n}\n\n';
    expect(texts(`${source}function load(file) {\n  █\n  keep(file);\n}`, { singleLine: false })).toEqual([
      'const text = read(file);',
    ]);
  });

  it('opens up a block that the editor closed on the same line', () => {
    const source = 'on(file, () => {\n  read(file);\n  keep(file);\n});\n\n';
    const body = '\n  read(file);\n  keep(file);\n';
    expect(texts(`${source}on(file, () => {█})`, { singleLine: false })).toEqual([`${body}});`]);
    expect(texts(`${source}on(file, () => {█}`, { singleLine: false })).toEqual([`${body}}`]);
    expect(texts(`${source}on(file, () => {█})`)).toEqual([]);
    expect(texts(`${source}on(file, () => {█} // none`, { singleLine: false })).toEqual([]);
  });

  it('leaves the closing line below, whatever ends it', () => {
    const source = 'on(file, () => {\n  read(file);\n});\n\n';
    expect(texts(`${source}on(file, () => {█\n})`, { singleLine: false })).toEqual(['\n  read(file);']);
  });

  it('opens a block at the end of its line', () => {
    const drawn = 'function load(file) {\n  return read(file);\n}\n\nfunction load(file) {█';
    expect(texts(drawn, { singleLine: false })).toEqual(['\n  return read(file);\n}']);
    expect(texts(drawn)).toEqual([]);
  });

  it('speaks the line breaks of the document', () => {
    const block = 'for (const row of rows) {\r\n  keep(row);\r\n}\r\n';
    expect(texts(`${block}for (const row █`, { singleLine: false })).toEqual(['of rows) {\r\n  keep(row);\r\n}']);
    expect(texts(`${block}for (const row █`)).toEqual(['of rows) {']);
    expect(texts('let a;\r\nfor (const row █', { singleLine: false, snippets: [block.replaceAll('\r', '')] })).toEqual([
      'of rows) {\r\n  keep(row);\r\n}',
    ]);
  });

  it('leaves out what the line has behind the cursor', () => {
    expect(texts('print(total, tax);\nprint(█);')).toEqual(['total, tax']);
    expect(texts('if (print(total)) {\n  print(█)', { singleLine: false })).toEqual(['total)']);
  });

  it('keeps what comes after a bracket or quote that the editor closed', () => {
    expect(texts('PROBLEMS[name];\nPROBLEMS[na█]')).toEqual(['me];']);
    expect(texts('log("hello");\nlog("hel█")')).toEqual(['lo");']);
    expect(texts('load(name).then(show);\nload(na█);')).toEqual(['me).then(show);']);
    expect(texts('print(total, sum());\nprint(█)')).toEqual(['total, sum());']);
    expect(texts('print(total, sum())\nprint(█)')).toEqual(['total, sum()']);
  });

  it('leaves out brackets that close what only its source stands in', () => {
    expect(texts('x = [load(name)];\nload(na█)')).toEqual(['me)']);
    expect(texts('[user.name];\nuser.█\n')).toEqual(['name];']);
  });

  it('is not what follows the cursor already', () => {
    expect(texts('PROBLEMS[name]\nPROBLEMS[name█]')).toEqual([]);
    expect(texts('PROBLEMS[name]\nPROBLEMS[name█];')).toEqual([]);
    expect(texts('PROBLEMS[name];\nPROBLEMS[name█];')).toEqual([]);

    const line = 'const server = start();\n';
    expect(texts(`${line}await server.ready();\n${line}█\nawait server.ready();\n`)).toEqual([]);
    expect(texts('print(total);\nprint(█total);')).toEqual([]);
    expect(texts('print(total);\nprint(█ total); // all')).toEqual([]);
  });

  it('leaves a closing line to the one below the cursor, if that is its own', () => {
    const block = 'if (ready) {\n  go();\n}\n\n';
    expect(texts(`${block}if (ready) {█\n}`, { singleLine: false })).toEqual(['\n  go();']);
    expect(texts(`${block}x {\n  if (ready) {█\n}`, { singleLine: false })).toEqual(['\n    go();\n  }']);
  });

  it('keeps whole lines and whole words within the limit, and says that it was cut', () => {
    const block = 'for (const row of rows) {\n  keep(row);\n}\n';
    const cut = (maxChars: number) => complete(`${block}for (const row █`, { singleLine: false, maxChars })[0];
    expect(cut(23)).toMatchObject({ text: 'of rows) {\n  keep(row);', cut: true });
    expect(cut(22)).toMatchObject({ text: 'of rows) {', cut: true });
    expect(cut(6)).toMatchObject({ text: 'of', cut: true });
    expect(cut(1)).toBeUndefined();
  });

  it('never parts a surrogate pair', () => {
    expect(texts('print("👻👻👻");\nprint(█', { maxChars: 4 })).toEqual(['"']);
    expect(texts('print("👻x");\nprint("\ud83d█')).toEqual([]);
    expect(texts('hello👻👻();\n=hello👻█')).toEqual(['👻']);
  });
});

describe('the work', () => {
  const pathological = {
    'one character': 'a'.repeat(1 << 20),
    'one line break': '\n'.repeat(1 << 20),
    'two words': 'foo bar '.repeat(1 << 17),
    'one block': 'if (x) {\n  foobar(x);\n'.repeat(1 << 15),
    'one line of brackets': 'foobar(('.repeat(1 << 17),
    'a growing fence': Array.from({ length: 1400 }, (_, i) => 'a'.repeat(i) + 'b').join(''),
  };

  it.each(Object.entries(pathological))('stays bounded for a megabyte of %s', (_, text) => {
    const began = Date.now();
    for (const [singleLine, rest] of [
      [true, ')'],
      [false, ''],
    ] as const)
      completeFromContext({
        prefix: text,
        suffix: `${rest}\n${text}`,
        snippets: [text],
        maxChars: 400,
        candidates: 5,
        singleLine,
      });
    // Six megabytes; a quadratic search of one would take minutes.
    expect(Date.now() - began).toBeLessThan(3_000);
  });
});
