import { describe, expect, it } from 'vitest';
import { createControlTokenGuard, neutralise } from './control-tokens.ts';

const TOKENS = [
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|file_sep|>',
  '<|endoftext|>',
  '<|im_start|>',
  '<fim_prefix>',
  '<fim-suffix>',
  '<file_sep>',
  '<repo_name>',
  '<PRE>',
  '<EOT>',
  '<｜fim▁begin｜>',
  '<｜end▁of▁sentence｜>',
  '<[fim-middle]>',
  '[SUFFIX]',
  '[PREFIX]',
];

describe('neutralise', () => {
  it.each([...TOKENS, '<s>', '</s>', '[INST]'])('leaves no %s', (token) => {
    const safe = neutralise(`a${token}b${token}${token}`);
    expect(safe).not.toContain(token);
    expect(safe.length).toBe(`a${token}b${token}${token}`.length);
    expect(safe.toLowerCase().replaceAll(/[ |｜]/g, '')).toBe(
      `a${token}b${token}${token}`
        .toLowerCase()
        .replaceAll(/[ |｜]/g, '')
        .replaceAll(' ', ''),
    );
  });

  it('does not put another one together from what is left', () => {
    for (const tricky of ['<<|x|>|y|>', '<|a<|b|>|>', '<|<fim_prefix>|>', '[[SUFFIX]SUFFIX]', '<[fim-<PRE>middle]>']) {
      const once = neutralise(tricky);
      expect(neutralise(once)).toBe(once);
      expect(once).not.toBe(tricky);
    }
  });

  it.each(['a <| b |> c', 'Array<string>', '<div>|</div>', 'x[i] = y[PREFIXES]', 'f<|', '<||>', 'if (a < b || c > d)'])(
    'leaves %j alone',
    (code) => {
      expect(neutralise(code)).toBe(code);
    },
  );

  it('gives back the same string when there is nothing to spoil, also in long texts', () => {
    const code = 'if (a < b && list[0] > c) { return <div>{list.map((x) => x[1])}</div>; } // +++++\n'.repeat(50);
    expect(neutralise(code)).toBe(code);
  });

  it('takes linear time', () => {
    const started = Date.now();
    for (const bait of ['<', '<|', '<|a', '<｜a', '[', '<fim_']) neutralise(bait.repeat(32_000));
    expect(Date.now() - started).toBeLessThan(1000);
  });
});

function guarded(chunks: readonly string[]): { text: string; ended: boolean } {
  const guard = createControlTokenGuard();
  let text = '';
  for (const chunk of chunks) {
    const verdict = guard.feed(chunk);
    text += verdict.text;
    if (verdict.ended) return { text, ended: true };
  }
  return { text: text + guard.end(), ended: false };
}

describe('a control token in an answer', () => {
  it.each(TOKENS)('%s ends it, however it is cut into chunks', (token) => {
    const said = `if (a < b) return c[0];${token}rubbish`;
    for (const chunks of [[said], [...said], [said.slice(0, 26), said.slice(26)]])
      expect(guarded(chunks)).toEqual({ text: 'if (a < b) return c[0];', ended: true });
  });

  it.each(['a < b', 'x[', '<fim', '<|', '<|abc', '<Component prop={[1, 2]} />', 'Map<K, V[]>', '<s>struck</s>'])(
    '%j is none',
    (said) => {
      expect(guarded([said])).toEqual({ text: said, ended: false });
      expect(guarded([...said])).toEqual({ text: said, ended: false });
    },
  );

  it('holds back nothing but what may become one', () => {
    const guard = createControlTokenGuard();
    expect(guard.feed('a <').text).toBe('a ');
    expect(guard.feed(' b').text).toBe('< b');
    expect(guard.feed('<Comp').text).toBe('<Comp');
    expect(guard.feed('<fim_').text).toBe('');
    expect(guard.feed('x').text).toBe('<fim_x');
  });
});
