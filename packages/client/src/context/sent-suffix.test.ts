import { describe, expect, it } from 'vitest';
import { anchorAt } from '../policy/anchor.ts';
import { draw } from '../testing/draw.ts';
import type { DocumentSnapshot } from '../types.ts';
import { createSentSuffixes } from './sent-suffix.ts';
import { openSession } from './testing/session.ts';

const lines = Array.from({ length: 400 }, (_, i) => `const value${i} = compute(${i});`);
const text = `${lines.join('\n')}\n`;

function at(line: number, of: string = text, uri = 'file:///a.ts'): DocumentSnapshot {
  return { ...draw('█', { uri }), text: of, cursor: of.indexOf(`const value${line} `) };
}

/** The suffixes that are sent for one document after another. */
function sentFor(...documents: readonly DocumentSnapshot[]): string[] {
  const suffixes = createSentSuffixes();
  return documents.map((document) => {
    const { suffix } = anchorAt(document);
    const sent = suffixes.next(document, { text: suffix, safeText: suffix.toUpperCase() });
    expect(sent.safeText).toBe(sent.text.toUpperCase());
    return sent.text;
  });
}
const exact = (document: DocumentSnapshot) => anchorAt(document).suffix;

describe('the suffix that is sent', () => {
  it('keeps its right edge while the cursor moves by a few lines', () => {
    const [first, second] = sentFor(at(100), at(104));
    expect(exact(at(104))).not.toBe(second);
    expect(first!.endsWith(second!)).toBe(true);
  });

  it('keeps it when the cursor moves back up', () => {
    const [first, , third] = sentFor(at(100), at(104), at(97));
    expect(third!.endsWith(first!)).toBe(true);
  });

  it('gets another right edge when the cursor goes further', () => {
    const [, , third] = sentFor(at(100), at(115), at(160));
    expect(third).toBe(exact(at(160)));
  });

  it('keeps its far part when a little of it is edited', () => {
    const edited = text.replace('value150 = compute', 'value150 = computeAnew');
    const [first, second] = sentFor(at(100), at(100, edited));
    expect(exact(at(100, edited))).toContain('computeAnew');
    expect(second).toBe(first);
  });

  it('is never other than the document at the line of the cursor and the eight after it', () => {
    for (let line = 100; line < 140; line++) {
      const edited = text.replace(`value${line} = compute`, `value${line} = computeAnew`);
      const [, second] = sentFor(at(100), at(100, edited));
      const near = (suffix: string) => suffix.split('\n').slice(0, 9);
      expect(near(second!)).toEqual(near(exact(at(100, edited))));
      expect(second!.includes('computeAnew')).toBe(line < 113);
    }
  });

  it('is as the document has it when more than a tenth has changed', () => {
    const edited = text.replaceAll(/value1[2-4](\d)/g, 'other$1');
    expect(sentFor(at(100), at(100, edited))[1]).toBe(exact(at(100, edited)));
  });

  it('is as the document has it when the same lines stand there twice', () => {
    const twice = `${'same();\n'.repeat(300)}`;
    const [, second] = sentFor({ ...at(0, twice), cursor: 0 }, { ...at(0, twice), cursor: 800 });
    expect(second).toBe(exact({ ...at(0, twice), cursor: 800 }));
  });

  it('follows the end of a document', () => {
    const longer = `${text}${'more();\n'.repeat(60)}`;
    expect(sentFor(at(330), at(330, longer))[1]).toContain('more();');
    expect(sentFor(at(330), at(330, `${text}one();\n`))[1]).toBe(exact(at(330)));
  });

  it('is that of its own document', () => {
    const other = text.replaceAll('value', 'thing').replace('thing100 ', 'value100 ');
    const [, second] = sentFor(at(100), at(100, other, 'file:///b.ts'));
    expect(second).toBe(exact(at(100, other, 'file:///b.ts')));
  });

  it('is not what the answer is matched with, nor what the local model sees', async () => {
    const session = openSession();
    await session.context(at(100));
    const moved = at(104);
    const gathering = session.at(moved);
    expect(gathering.immediate.suffix).toBe(exact(moved));
    const sent = await gathering.complete(new AbortController().signal);
    expect(sent.suffix).not.toBe(exact(moved));
    expect(sent.safe.suffix).toBe(sent.suffix);
  });
});
