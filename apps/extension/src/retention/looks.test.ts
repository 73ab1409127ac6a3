import { describe, expect, it } from 'vitest';
import { createLooks } from './looks.ts';

const URI = 'file:///a.ts';
const unknownName = { start: 0, end: 1, source: 'ts', code: 2304 };
const unused = { start: 0, end: 1, source: 'ts', code: 6133 };

describe('what language servers have looked at', () => {
  it('is a document of which one has spoken since its last change, if only to say nothing', () => {
    const looks = createLooks();
    expect(looks.hasLooked(URI, 'typescript', [])).toBe(false);
    looks.told(URI);
    expect(looks.hasLooked(URI, 'typescript', [])).toBe(true);
    expect(looks.hasLooked('file:///b.ts', 'typescript', [])).toBe(false);
    looks.changed(URI);
    expect(looks.hasLooked(URI, 'typescript', [unknownName])).toBe(false);
    looks.told(URI);
    expect(looks.hasLooked(URI, 'typescript', [])).toBe(true);
    looks.closed(URI);
    expect(looks.hasLooked(URI, 'typescript', [])).toBe(false);
  });

  it('is no document of a language whose names nobody resolves', () => {
    const looks = createLooks();
    looks.told(URI);
    expect(looks.hasLooked(URI, 'markdown', [])).toBe(false);
    expect(looks.hasLooked(URI, 'shellscript', [unknownName])).toBe(false);
  });

  it('is JavaScript only where something shows that its names are resolved', () => {
    const looks = createLooks();
    looks.told(URI);
    expect(looks.hasLooked(URI, 'javascript', [])).toBe(false);
    expect(looks.hasLooked(URI, 'javascript', [unused])).toBe(false);
    expect(looks.hasLooked(URI, 'javascript', [unused, unknownName])).toBe(true);
  });
});
