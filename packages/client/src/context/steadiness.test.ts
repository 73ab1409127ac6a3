import { describe, expect, it } from 'vitest';
import type { Excerpt, OpenDocument } from '../types.ts';
import { excerpt, openSession, opened } from './testing/session.ts';

const SUBJECTS = ['invoice', 'customer', 'order', 'receipt', 'payment', 'refund', 'account', 'ledger'];

/** Twenty files of functions that share some of their words, 10 KB each. */
const files: readonly OpenDocument[] = Array.from({ length: 20 }, (_, file) =>
  opened(
    `src/${SUBJECTS[file % 8]}-${file}.ts`,
    Array.from({ length: 55 }, (_, i) => {
      const [one, other] = [SUBJECTS[(file + i) % 8]!, SUBJECTS[(file * 3 + i * 5) % 8]!];
      return [
        `export function ${one}Of${other}${i}(${other}: Row, options: Options): Promise<Result> {`,
        `  const ${one} = load(${other}.${one}Id, options.limit${i});`,
        `  if (!${one}) throw new Missing("${one}", ${other}.id);`,
        `  return save({ ...${one}, ${other}, at: options.now() });`,
        '}',
      ].join('\n');
    }).join('\n'),
  ),
);

const ABOVE = `import { load } from './load.ts';\n\n${files[3]!.text.slice(0, 3000)}\n\n`;
const TYPED = `function settle(order: Order, account: Account): Receipt {
  const payment = account.payments.find((each) => each.orderId === order.id);
  if (!payment) throw new Missing('payment', order.id);
  return receiptOf(payment, account);
}
`;

/** As a language server answers: what is named on the line, its last word first. */
function definitionsAt(typed: string): readonly Excerpt[] {
  const words = new Set(
    typed
      .slice(0, -1)
      .match(/[a-z]{4,}/gi)
      ?.slice(-12)
      .toReversed(),
  );
  return SUBJECTS.filter((subject) => words.has(subject))
    .slice(0, 5)
    .map((subject) => excerpt(`types/${subject}.ts`, `export interface ${subject} { readonly id: ${subject}Id }`, 3));
}

describe('the list of snippets', () => {
  it('changes seldom while 200 characters are typed, and grows at its end when it does', async () => {
    const session = openSession();
    expect(TYPED.length).toBeGreaterThan(200);
    const lists: string[] = [];
    let kept = 0;
    let before: readonly string[] = [];
    for (let typed = 0; typed <= 200; typed++) {
      const text = TYPED.slice(0, typed);
      const { snippets } = await session.context(`${ABOVE}${text}█\n`, {
        open: files,
        viewedRanges: () => [excerpt('docs/guide.md', 'How an order becomes a receipt.')],
        definitions: async () => definitionsAt(text),
      });
      const list = snippets.map(({ path, text }) => `${path}\n${text}`);
      if (list.join('\0') !== before.join('\0')) {
        lists.push(list.join('\0'));
        let same = 0;
        while (same < before.length && before[same] === list[same]) same += 1;
        if (before.length > 0) kept += same / before.length;
      }
      before = list;
    }
    // Of 201 requests the first, and those where another definition joins: four when this was written.
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.length).toBeLessThanOrEqual(6);
    expect(kept / (lists.length - 1)).toBeGreaterThan(0.8);
  });

  it('is the same when nothing but the order of the sources’ answers changes', async () => {
    const session = openSession();
    const definitions = ['one', 'two', 'three'].map((name) => excerpt(`${name}.ts`, `function ${name}() {}`));
    const paths = async (given: readonly Excerpt[]) => {
      const { snippets } = await session.context('one(two, three█', { definitions: async () => given });
      return snippets.map(({ path }) => path);
    };
    const first = await paths(definitions);
    expect(first).toHaveLength(3);
    expect(await paths(definitions.toReversed())).toEqual(first);
  });

  it('is made anew when asked by hand', async () => {
    const session = openSession();
    const drawing = 'pay(invoice█';
    const one = opened('one.ts', 'pay(invoice, customer, order, account, ledger)');
    const two = opened('two.ts', 'pay(invoice)');
    const paths = async (open: readonly OpenDocument[], trigger: 'automatic' | 'manual') =>
      (await session.context(drawing, { open, trigger })).snippets.map(({ path }) => path);
    expect(await paths([one], 'automatic')).toEqual(['one.ts']);
    expect(await paths([one, two], 'automatic')).toEqual(['one.ts']);
    expect(await paths([one, two], 'manual')).toEqual(['one.ts', 'two.ts']);
  });

  it('does not keep what is no longer true', async () => {
    const session = openSession();
    const open = ['invoice customer', 'customer'].map((text, i) => opened(`${i}.ts`, text));
    const drawing = 'const invoice = customer;█';
    expect((await session.context(drawing, { open })).snippets).toHaveLength(2);
    const { snippets } = await session.context(drawing, { open: open.slice(1) });
    expect(snippets.map(({ path }) => path)).toEqual(['1.ts']);
  });
});

describe('gathering', () => {
  it('of twenty open files of 10 KB takes a millisecond or two once they are known', async () => {
    const session = openSession();
    expect(files.every(({ text }) => text.length > 10_000)).toBe(true);
    const times: number[] = [];
    for (let typed = 0; typed <= 200; typed++) {
      const started = performance.now();
      await session.context(`${ABOVE}${TYPED.slice(0, typed)}█\n`, { open: files });
      times.push(performance.now() - started);
    }
    const median = times.toSorted((a, b) => a - b)[100]!;
    // Under 2 ms on a machine of its own; ten times as much is something being done again at each key.
    expect(median).toBeLessThan(20);
  });
});
