import { describe, expect, it } from 'vitest';
import { createKnownTexts } from './known-texts.ts';
import { pieceOf, piecesOf, plain, promptText } from './prompt-text.ts';

const CODE = 'const x = "…";\n'.repeat(200);

describe('text of a prompt', () => {
  it('is the same in pieces as whole', () => {
    const texts = createKnownTexts();
    const { head, tail } = texts.settle(CODE);
    const text = promptText`<a>${[pieceOf(head), tail]}<b>${pieceOf(texts.of('short'))}`;
    const pieces = piecesOf(text);
    expect(plain(text)).toBe(`<a>${CODE}<b>short`);
    expect(pieces.map((piece) => piece.text).join('')).toBe(plain(text));
    expect(JSON.parse(`"${Buffer.concat(pieces.map(({ json }) => json)).toString()}"`)).toBe(plain(text));
  });

  it('that is kept has its bytes in memory of their own', () => {
    const texts = createKnownTexts();
    for (const known of [texts.settle(CODE).head, texts.of(CODE), texts.of(CODE).changedBy((text) => `${text}!`)]) {
      const { json } = pieceOf(known);
      expect(json.buffer.byteLength).toBe(json.length);
      expect(pieceOf(known).json).toBe(json);
    }
  });
});
