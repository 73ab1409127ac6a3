import { describe, expect, it } from 'vitest';
import { namesServer } from './restricted-server.ts';

describe('the settings of a workspace that nobody trusts yet', () => {
  it('name a server, in whatever way they are written', () => {
    expect(namesServer('{ "ghostline.serverUrl": "http://evil.example" }')).toBe(true);
    expect(namesServer('{\n  // ours\n  "editor.tabSize": 2, "ghostline.serverUrl" : "https://g.example/a", }')).toBe(
      true,
    );
  });

  it('do not, when they only mention it', () => {
    expect(namesServer('{ "editor.tabSize": 2 }')).toBe(false);
    expect(namesServer('{ // "ghostline.serverUrl": "http://old.example"\n }')).toBe(false);
    expect(namesServer('{ /* "ghostline.serverUrl": 1 */ "a": "ghostline.serverUrl" }')).toBe(false);
    expect(namesServer('{ "a": "http://x \\" // \\"", "ghostline.serverUrl": "b" }')).toBe(true);
    expect(namesServer('')).toBe(false);
  });
});
