import { LIMITS, utf8Length } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw.ts';
import type { Excerpt } from '../types.ts';
import { excerpt, openSession, opened } from './testing/session.ts';

const DRAWING = 'const invoice = loadInvoice(customer);\nprint(█';
const filler = (lines: number) => Array.from({ length: lines }, (_, i) => `unrelated${i}();`);
const never = () => new Promise<never>(() => undefined);
// Put together here, so that no scanner takes this file for a leak.
const TOKEN = `ghp_${'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xYaB3d'}`;

describe('similar parts of open documents', () => {
  it('are those that share words with the lines around the cursor, most alike first', async () => {
    const { snippets } = await openSession().context(DRAWING, {
      open: [
        opened('far.ts', 'const invoice = 1; const other = 2; const more = 3;'),
        opened('none.ts', 'nothing();'),
        opened('near.ts', 'print(loadInvoice(customer));'),
      ],
    });
    expect(snippets.map(({ path, source }) => [path, source])).toEqual([
      ['near.ts', 'open_file'],
      ['far.ts', 'open_file'],
    ]);
    expect(snippets[0]!.score).toBeGreaterThan(snippets[1]!.score!);
  });

  it('come from files of the same language first', async () => {
    const text = 'invoice loadInvoice customer print';
    const { snippets } = await openSession().context(DRAWING, {
      open: [opened('a.md', text, 'markdown'), opened('b.ts', `${text} and much else besides`)],
    });
    expect(snippets.map(({ path }) => path)).toEqual(['b.ts', 'a.md']);
  });

  it('are whole when the file is small, and sixty lines when it is large', async () => {
    const small = ['const invoice = 1;', ...filler(50)].join('\n');
    const large = [...filler(200), 'loadInvoice(customer);', ...filler(200)].join('\n');
    const { snippets } = await openSession().context(DRAWING, {
      open: [opened('small.ts', small), opened('large.ts', large)],
    });
    expect(snippets.find(({ path }) => path === 'small.ts')!.text).toBe(small);
    const part = snippets.find(({ path }) => path === 'large.ts')!;
    expect(part.text.split('\n')).toHaveLength(60);
    expect(part.text).toContain('loadInvoice(customer);');
  });

  it('are never of the document itself', async () => {
    const document = draw(DRAWING);
    const { snippets } = await openSession().context(document, { open: [document] });
    expect(snippets).toEqual([]);
  });

  it('follow a document that changes', async () => {
    const session = openSession();
    expect((await session.context(DRAWING, { open: [opened('b.ts', 'nothing')] })).snippets).toEqual([]);
    const { snippets } = await session.context(DRAWING, { open: [opened('b.ts', 'invoice')], trigger: 'manual' });
    expect(snippets.map(({ source }) => source)).toContain('open_file');
  });

  it('do not count half a word at the cursor', async () => {
    const { snippets } = await openSession().context('inv█', { open: [opened('b.ts', 'inv();')] });
    expect(snippets).toEqual([]);
  });

  it('pass over a file too large to look through, and over one that is no text, not over those after them', async () => {
    const { snippets } = await openSession().context(DRAWING, {
      open: [
        opened('huge.ts', 'invoice\n'.repeat(100_000)),
        opened('binary.ts', `invoice\0${'x'.repeat(100)}`),
        opened('', 'invoice'),
        opened('b.ts', 'invoice'),
      ],
    });
    expect(snippets.map(({ path }) => path)).toEqual(['b.ts']);
  });

  it('tell files of the same name apart', async () => {
    const twin = (folder: string) => ({
      ...opened('index.ts', `invoice ${folder}`),
      uri: `file:///${folder}/index.ts`,
    });
    const twins = [twin('one'), twin('two')];
    const { snippets } = await openSession().context(DRAWING, { open: twins });
    expect(snippets.map(({ text }) => text).toSorted()).toEqual(['invoice one', 'invoice two']);
  });
});

describe('a slow source', () => {
  it('is waited for 150 ms, then left out and named', async () => {
    const session = openSession();
    const gathered = session.context(DRAWING, { open: [opened('a.ts', 'invoice')], definitions: never });
    let context: Awaited<typeof gathered> | undefined;
    void gathered.then((got) => (context = got));
    await session.clock.advance(149);
    expect(context).toBeUndefined();
    await session.clock.advance(1);
    expect(context?.trace.late).toEqual(['definition']);
    expect(context?.snippets.map(({ path }) => path)).toEqual([]);
  });

  it('is not waited for when it has answered', async () => {
    const session = openSession();
    const context = await session.context(DRAWING, {
      definitions: async () => [excerpt('load.ts', 'export function loadInvoice(of: Customer): Invoice', 7)],
    });
    expect(context.snippets).toMatchObject([{ path: 'load.ts', source: 'definition' }]);
    expect(context.trace).toMatchObject({ late: [], snippets: [{ source: 'definition', path: 'load.ts', chars: 50 }] });
  });

  it('has its answer remembered for the next keystroke', async () => {
    const session = openSession();
    const { promise, resolve } = Promise.withResolvers<readonly Excerpt[]>();
    const first = session.context(DRAWING, { definitions: () => promise });
    await session.clock.advance(150);
    expect((await first).snippets).toEqual([]);
    resolve([excerpt('load.ts', 'export function loadInvoice(): Invoice')]);
    await session.clock.settle();
    const gathering = session.at(DRAWING, { definitions: never });
    expect(gathering.immediate.snippets).toMatchObject([{ path: 'load.ts' }]);
  });

  it('is given up with the question, for the reason that was given', async () => {
    const session = openSession();
    const question = new AbortController();
    let asked: AbortSignal | undefined;
    const gathered = session.context(DRAWING, {
      signal: question.signal,
      definitions: (signal) => {
        asked = signal;
        return never();
      },
    });
    const reason = new Error('typed on');
    question.abort(reason);
    await expect(gathered).rejects.toBe(reason);
    expect(asked?.aborted).toBe(true);
    await expect(session.context(DRAWING, { signal: question.signal })).rejects.toBe(reason);
  });
});

describe('a source that fails', () => {
  it('is left out and named, whichever it is', async () => {
    const fails = () => {
      throw new Error('no');
    };
    const { snippets, trace } = await openSession().context(DRAWING, {
      open: [opened('b.ts', 'invoice')],
      viewedRanges: fails,
      definitions: () => Promise.reject(new Error('no')),
    });
    expect(snippets.map(({ path }) => path)).toEqual(['b.ts']);
    expect(trace.late.toSorted()).toEqual(['definition', 'recent_view']);
    const atOnce = await openSession().context(DRAWING, { definitions: fails });
    expect(atOnce.trace.late).toEqual(['definition']);
    const session = openSession();
    const query = { document: draw(DRAWING), trigger: 'automatic', openDocuments: fails } as const;
    expect(session.at(query.document, { ...query, open: [] }).immediate.prefix).toContain('print(');
  });
});

describe('what was on screen', () => {
  it('goes along, most recent first, but not the document itself', async () => {
    const { snippets } = await openSession().context(DRAWING, {
      viewedRanges: () => [
        excerpt('a.ts', 'the document itself'),
        excerpt('seen.css', '.invoice { color: red }', 40),
        excerpt('before.css', '.customer { color: blue }'),
        excerpt('long.css', '.third { color: green }'),
      ],
    });
    expect(snippets.map(({ path, source }) => [path, source])).toEqual([
      ['seen.css', 'recent_view'],
      ['before.css', 'recent_view'],
    ]);
  });

  it('is cut to whole lines', async () => {
    const long = Array.from({ length: 200 }, (_, i) => `line number ${i}`).join('\n');
    const { snippets } = await openSession().context(DRAWING, { viewedRanges: () => [excerpt('b.txt', long)] });
    expect(snippets[0]!.text.length).toBeLessThanOrEqual(1600);
    expect(long.split('\n')).toContain(snippets[0]!.text.split('\n').at(-1));
  });
});

describe('what stands in the window already', () => {
  it('is not sent again, nor the same text twice', async () => {
    const code = 'function pay(invoice) {\n  return invoice.total;\n}\n';
    const { snippets } = await openSession().context(`${code}█\n`, {
      open: [
        opened('copy.ts', code),
        opened('one.ts', `${code}other(invoice);\nmore();`),
        opened('two.ts', `${code}other(invoice);\nmore();\n`),
      ],
      definitions: async () => [excerpt('pay.ts', 'function pay(invoice) {')],
    });
    expect(snippets.map(({ path }) => path)).toEqual(['one.ts']);
  });

  it('a part and a place within it are one', async () => {
    const file = ['// money', 'export function loadInvoice(customer: Customer): Invoice {', '  return 1;', '}'];
    const { snippets } = await openSession().context(DRAWING, {
      open: [opened('load.ts', file.join('\n'))],
      definitions: async () => [excerpt('load.ts', file[1]!, 1)],
    });
    expect(snippets).toHaveLength(1);
  });
});

describe('what must not leave the editor', () => {
  const secretive = {
    open: [opened('private/a.ts', 'invoice customer'), opened('b.ts', 'invoice')],
    viewedRanges: () => [excerpt('private/seen.ts', 'invoice = 5;'), excerpt('.env', 'A=1234567')],
    definitions: async () => [excerpt('private/load.ts', 'function loadInvoice()')],
  };

  it('goes along from no source, and is counted', async () => {
    const { snippets, trace } = await openSession({ exclude: ['private/'] }).context(DRAWING, secretive);
    expect(snippets.map(({ path }) => path)).toEqual(['b.ts']);
    expect(trace.excluded).toBe(4);
  });

  it('may be what an admin says, which no user takes back', async () => {
    const session = openSession({ exclude: ['!private/', '!.env'], admin: ['private/'] });
    const { snippets } = await session.context(DRAWING, secretive);
    expect(snippets.map(({ path }) => path).toSorted()).toEqual(['.env', 'b.ts']);
  });

  it('may be what an ignore file says of a place, its signatures apart', async () => {
    const asked: string[] = [];
    const session = openSession({
      isIgnored(uri, extract) {
        asked.push(`${extract} of ${uri}`);
        return extract === 'text' && uri.includes('/private/');
      },
    });
    const { snippets } = await session.context(DRAWING, secretive);
    expect(snippets.map(({ path }) => path).toSorted()).toEqual(['b.ts', 'private/load.ts']);
    expect(asked).toContain('signature of file:///private/load.ts');
  });

  it('leaves at once when it is excluded later', async () => {
    const edited = (text: string) => ({ ...draw(`${text}█`, { uri: 'file:///private/a.ts', path: 'private/a.ts' }) });
    let hidden = false;
    const session = openSession({ isIgnored: () => hidden });
    await session.context(edited('one();\n'));
    await session.context(edited('one();\ntwo(invoice);\n'));
    const view = { viewedRanges: () => [excerpt('private/a.ts', 'const seen = true;')] };
    expect((await session.context(DRAWING, view)).snippets).toHaveLength(2);
    hidden = true;
    expect((await session.context(DRAWING, view)).snippets).toEqual([]);
  });
});

describe('a secret', () => {
  const lines = Array.from({ length: 16 }, (_, i) =>
    `MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us${i}cKj`.slice(0, 64),
  );
  const pem = [`-----BEGIN PRIVATE ${'KEY'}-----`, ...lines, `-----END PRIVATE ${'KEY'}-----`].join('\n');

  it('is shown to the local model, and not sent', async () => {
    const { prefix, safe, trace } = await openSession().context(`const t = "${TOKEN}";\n█`);
    expect(prefix).toContain(TOKEN);
    expect(safe.prefix).not.toContain(TOKEN);
    expect(safe.prefix).toHaveLength(prefix.length);
    expect(trace.redactions).toBe(1);
  });

  it('is found on both sides of the cursor together', async () => {
    const { safe } = await openSession().context(`f(${TOKEN.slice(0, 20)}█${TOKEN.slice(20)});`);
    expect(safe.prefix + safe.suffix).not.toContain(TOKEN.slice(4, 18));
    expect(safe.prefix + safe.suffix).not.toContain(TOKEN.slice(22));
    expect(safe.prefix.startsWith('f(~')).toBe(true);
    expect(safe.suffix.endsWith(');')).toBe(true);
  });

  it('is found where the window cuts it', async () => {
    const session = openSession();
    for (const shift of [0, 7, 400, 900]) {
      const above = `${'x'.repeat(shift)}\n${pem}\n`;
      const below = `${'const line = 1; // of code\n'.repeat(930)}`;
      const context = await session.context(`${above}${below}█`);
      expect(context.prefix.length).toBeLessThan(above.length + below.length);
      for (const line of lines) expect(context.safe.prefix).not.toContain(line.slice(0, 30));
    }
    const behind = await session.context(
      `█${'const line = 1;\n'.repeat(250)}${pem}\n${'const line = 1;\n'.repeat(50)}`,
    );
    for (const line of lines) expect(behind.safe.suffix).not.toContain(line.slice(0, 30));
  });

  it('is found in parts of files, in views and definitions, by what stands around them', async () => {
    const file = [...filler(30), 'invoice', pem, ...filler(90)].join('\n').split('\n');
    const middle = file.slice(35, 40).join('\n');
    const { safe, snippets } = await openSession().context(DRAWING, {
      open: [opened('key.ts', file.join('\n')), opened('b.ts', `invoice("${TOKEN}")`)],
      viewedRanges: () => [excerpt('key.ts', middle, 35), excerpt('c.ts', `token = "${TOKEN}";`)],
      definitions: async () => [excerpt('d.ts', `const TOKEN = "${TOKEN}";`)],
    });
    expect(snippets.length).toBeGreaterThanOrEqual(4);
    for (const { text } of safe.snippets) {
      expect(text).not.toContain(TOKEN);
      for (const line of lines) expect(text).not.toContain(line.slice(0, 30));
    }
    expect(safe.snippets.map(({ text }) => text.length)).toEqual(snippets.map(({ text }) => text.length));
  });

  it('is found in an edit, before and after it', async () => {
    const session = openSession();
    const config = (...middle: string[]) =>
      draw([...filler(3), ...middle, ...filler(3)].join('\n').concat('█'), { uri: 'file:///c.ts', path: 'c.ts' });
    const other = TOKEN.replace('aB3', 'Zz9');
    await session.context(config('key(', `  "${TOKEN}",`, ')', ...pem.split('\n')));
    // Both at once: a diff of two hunks.
    const changed = pem.replace(lines[8]!, lines[8]!.replace('MIIE', 'XXXX'));
    await session.context(config('key(', `  "${other}",`, ')', ...changed.split('\n')));
    const { snippets, safe } = await session.context(DRAWING);
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippets.some(({ source }) => source === 'recent_edit')).toBe(true);
    for (const { text } of safe.snippets) {
      for (const secret of [TOKEN, other]) expect(text).not.toContain(secret.slice(5, 20));
      for (const line of lines) expect(text).not.toContain(line.slice(4, 30));
    }
  });
});

describe('the limits', () => {
  it('hold whatever there is, also in other scripts', async () => {
    const wide = Array.from({ length: 20 }, (_, i) => opened(`${i}.ts`, `invoice ${i}\n${`語${i}`.repeat(1200)}`));
    const many = Array.from({ length: 30 }, (_, i) => excerpt(`d${i}.ts`, `const d${i} = "${'語'.repeat(150)}";`));
    const { snippets } = await openSession().context(DRAWING, {
      open: wide,
      viewedRanges: () => many,
      definitions: async () => many,
    });
    const bytes = snippets.reduce((sum, { text }) => sum + utf8Length(text), 0);
    expect(snippets.length).toBeGreaterThan(4);
    expect(snippets.length).toBeLessThanOrEqual(LIMITS.snippets);
    expect(bytes).toBeLessThanOrEqual(LIMITS.snippetsBytes / 2);
  });

  it('hold for a document of 100,000 lines, in no time', async () => {
    const session = openSession();
    const text = Array.from({ length: 100_000 }, (_, i) => `value${i} = compute(${i});`).join('\n');
    const document = { ...draw('█'), text, cursor: 1_500_000 };
    await session.context(document);
    const started = performance.now();
    for (let typed = 1; typed <= 20; typed++) {
      const longer = `${text.slice(0, 1_500_000)}${'x'.repeat(typed)}${text.slice(1_500_000)}`;
      await session.context({ ...document, text: longer, cursor: 1_500_000 + typed });
    }
    expect((performance.now() - started) / 20).toBeLessThan(50);
  });

  it('hold for a line that is one word, and for halves of pairs at the edges', async () => {
    const session = openSession();
    const started = performance.now();
    for (const text of ['a'.repeat(300_000), `${'\ud83d\ude00'.repeat(100_000)}`, '\ud83d'.repeat(200_000)]) {
      for (let cursor = 100_000; cursor < 100_004; cursor++) {
        const { prefix, safe } = await session.context({ ...draw('█'), text, cursor });
        expect(safe.prefix).toHaveLength(prefix.length);
      }
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('let a document without a path be completed', async () => {
    const { prefix } = await openSession().context({ ...draw('let a█'), path: '', uri: 'untitled:Untitled-1' });
    expect(prefix).toBe('let a');
  });
});

describe('imports that the window has lost', () => {
  const head = `import { loadInvoice } from './load.ts';\nimport * as fs from 'node:fs';\n`;

  it('go along as lines of the file itself', async () => {
    const body = 'const line = 1; // of code\n'.repeat(1500);
    const { prefix, snippets } = await openSession().context(`${head}\n${body}█`);
    expect(prefix).not.toContain('import');
    expect(snippets).toEqual([{ path: 'a.ts', source: 'open_file', score: 1, text: head.trimEnd() }]);
  });

  it('do not when they are in it', async () => {
    expect((await openSession().context(`${head}█`)).snippets).toEqual([]);
  });
});

describe('what the file imports', () => {
  it('goes along as its declaration where that document is open, what is used near the cursor first', async () => {
    const load = [
      '/** Loads it. */',
      'export interface Customer {',
      '  readonly id: string;',
      '}',
      '',
      'export async function load(of: Customer): Promise<Receipt> {',
      '  const rows = await query(of);',
      '  return rows[0];',
      '}',
    ].join('\n');
    const drawing = `import { type Customer, load as get } from './data/load.js';\n\nshow(Customer, █`;
    const { snippets } = await openSession().context(drawing, {
      open: [opened('other/load.ts', load), opened('data/load.ts', `${load}\n${filler(300).join('\n')}`)],
    });
    const declared = snippets.filter(({ source }) => source === 'definition');
    expect(declared.map(({ path, text }) => [path, text.split('\n')[0]])).toEqual([
      ['data/load.ts', 'export interface Customer {'],
      ['data/load.ts', 'export async function load(of: Customer): Promise<Receipt> {'],
    ]);
    expect(declared[0]!.text).toBe('export interface Customer {\n  readonly id: string;\n}');
  });
});
