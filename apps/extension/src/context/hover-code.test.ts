import { describe, expect, it } from 'vitest';
import { hoverCode } from './hover-code.ts';

describe('the code of a hover', () => {
  it.each([
    ['\n```typescript\nfunction load(id: Id): Row\n```\nLoads it.', 'function load(id: Id): Row'],
    ['~~~\none\n~~~\n```\ntwo\n```', 'one'],
    ['no code `here`', undefined],
    ['```go\n```', undefined],
    [`\`\`\`ts\n${'x'.repeat(600)}\n\`\`\``, undefined],
  ])('%j: %s', (markdown, code) => {
    expect(hoverCode(markdown, 500)).toBe(code);
  });
});
