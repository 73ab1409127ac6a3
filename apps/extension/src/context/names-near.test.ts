import { describe, expect, it } from 'vitest';
import { namesNear } from './names-near.ts';

/** `█` is the cursor. */
function near(drawing: string): string[] {
  const lines = drawing.split('\n');
  const line = lines.findIndex((text) => text.includes('█'));
  const character = lines[line]!.indexOf('█');
  const plain = lines.map((text) => text.replace('█', ''));
  const names = namesNear((at) => plain[at]!, line, character);
  for (const { name, line, character } of names) expect(plain[line]!.slice(character)).toMatch(new RegExp(`^${name}`));
  return names.map(({ name }) => name);
}

describe('names near the cursor', () => {
  it.each([
    ['those before it, nearest first', 'save(order, account.owner, █)', ['owner', 'account', 'order', 'save']],
    ['not the one being typed', 'save(ord█er)', ['save']],
    ['the lines above after its own', 'load(id)\nconst row =\nrow.█', ['row', 'id', 'load']],
    ['each once', 'total = total + total █', ['total']],
    ['no keywords', 'export async function load() { return await █', ['load']],
    ['none in strings and comments', `say("hello there", 'you') // not this\ncall(█`, ['call', 'say']],
    ['none in comments of scripts', '# the config\nuse(config) # twice █', ['config']],
    ['five at most', 'a1(b1, c1, d1, e1, f1, █', ['f1', 'e1', 'd1', 'c1', 'b1']],
    ['none of a line that is too long', `${'word('.repeat(100)}\ncall(█`, ['call']],
    ['nothing where nothing is', '█', []],
    ['names of any script', 'größe(值表, █', ['值表', 'größe']],
  ])('are %s', (_what, drawing, names) => {
    expect(near(drawing)).toEqual(names);
  });

  it('are not looked for further up than three lines', () => {
    expect(near('far()\n\n\n\n█')).toEqual([]);
    expect(near('near()\n\n\n█')).toEqual(['near']);
  });
});
