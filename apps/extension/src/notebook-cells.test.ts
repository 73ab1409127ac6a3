import { describe, expect, it } from 'vitest';
import { neighboursOf } from './notebook-cells.ts';

const cells = [
  { document: 'imports', language: 'python' },
  { document: 'prose', language: 'markdown' },
  { document: 'load', language: 'python' },
  { document: 'here', language: 'python' },
  { document: 'plot', language: 'python' },
];

describe('the cells around one of a notebook', () => {
  it('are those before it, nearest first, then those after it, in its language', () => {
    expect(neighboursOf(cells, 'here', 10)).toEqual(['load', 'imports', 'plot']);
    expect(neighboursOf(cells, 'here', 2)).toEqual(['load', 'imports']);
    expect(neighboursOf(cells, 'prose', 10)).toEqual([]);
  });

  it('are none of a document that is no cell', () => {
    expect(neighboursOf(cells, 'elsewhere', 10)).toEqual([]);
  });
});
