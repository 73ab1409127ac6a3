import { describe, expect, it } from 'vitest';
import { createDocumentTexts } from './document-texts.ts';

describe('a copy of a document', () => {
  it('is the same object for the same text, and another for another', () => {
    let path = 'a.ts';
    let copies = 0;
    const document = { version: 1, languageId: 'typescript', eol: 1, text: 'one' };
    const textOf = createDocumentTexts<typeof document>(
      ({ languageId, text }) => {
        copies += 1;
        return { uri: 'file:///a.ts', path, language: languageId, text };
      },
      () => path,
    );
    const first = textOf(document);
    expect(textOf(document)).toBe(first);
    Object.assign(document, { version: 2, text: 'two' });
    expect(textOf(document).text).toBe('two');
    Object.assign(document, { languageId: 'javascript' });
    expect(textOf(document).language).toBe('javascript');
    path = 'app/a.ts';
    expect(textOf(document).path).toBe('app/a.ts');
    expect(copies).toBe(4);
  });
});
