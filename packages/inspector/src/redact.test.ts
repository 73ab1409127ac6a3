import type { Keystroke } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';
import { KEYSTROKES, keystroke } from './testing/index.ts';

const options = { client: { name: 'vscode', version: '0.1.0' }, at: Date.UTC(2026, 10, 21) };
const all = Object.values(KEYSTROKES);

/** What must not be found again, whatever field it was put in: not as a word, a path, a sentence or a language. */
const SECRETS = [
  'SECRET code();',
  'src/SECRET/SECRET.SECRET',
  'const SECRET = 1',
  '../SECRET',
  'SECRET\nSECRET',
  'all the secret words',
];

/** `value` with every string in it, at any depth, replaced by `secret`. */
function withSecrets<T>(value: T, secret: string): T {
  if (typeof value === 'string') return secret as T;
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, secret)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecrets(item, secret)])) as T;
}

describe('an export', () => {
  it('says what it is, of whom and when', () => {
    expect(redact([], options)).toEqual({
      format: 'ghostline-keystrokes',
      version: 1,
      client: { name: 'vscode', version: '0.1.0' },
      exportedAt: '2026-11-21T00:00:00.000Z',
      keystrokes: [],
    });
  });
  it('keeps what tells why', () => {
    const [asked] = redact([KEYSTROKES.asked], options).keystrokes;
    expect(asked).toMatchObject({
      outcome: 'suggested',
      decidedBy: 'network',
      language: 'typescript',
      pace: { delayMs: 62, because: ['pace-balanced', 'in-word', 'latency'] },
      answer: { model: 'qwen2.5-coder-7b', region: 'eu-west', endpoint: 'eu-west-a', cache: 'miss' },
      filters: [{ name: 'repetition', removedChars: 64 }, { name: 'brackets' }],
      fate: 'accepted',
    });
    expect(asked?.stages).toEqual(KEYSTROKES.asked.stages);
    expect(asked?.answer?.timings).toEqual(KEYSTROKES.asked.answer?.timings);
    expect(redact([KEYSTROKES['mid-word']], options).keystrokes[0]).toMatchObject({ reason: 'mid-word' });
  });
  it('keeps every word of every closed list', () => {
    expect(JSON.stringify(redact(all, options))).not.toContain('"other"');
  });
  it('calls a file by a number, the same wherever it is met', () => {
    const [asked, excluded, again] = redact(
      [KEYSTROKES.asked, KEYSTROKES.excluded, KEYSTROKES.asked],
      options,
    ).keystrokes;
    const [edit, ...others] = asked!.context!.snippets.map(({ file }) => file);
    expect(edit).toBe(asked?.file);
    expect(new Set([edit, ...others]).size).toBe(5);
    for (const file of others) expect(file).toMatch(/^file-\d\.ts$/);
    expect(excluded?.file).toMatch(/^file-\d$/);
    expect(again).toEqual(asked);
  });
  it('says of a text how long it was', () => {
    expect(redact([KEYSTROKES.asked], options).keystrokes[0]?.suggestedChars).toBe(KEYSTROKES.asked.code.text.length);
  });

  it.each(SECRETS)('holds nothing of %j, whichever field of a keystroke it is in', (secret) => {
    const exported = JSON.stringify(redact(withSecrets(all, secret), options));
    expect(exported).not.toMatch(/secret/i);
    expect(redact(withSecrets(all, secret), options).keystrokes).toHaveLength(all.length);
  });
  it('holds no code, path or line of keystrokes as they are', () => {
    const exported = JSON.stringify(redact(all, options));
    for (const { code, context } of all) {
      for (const path of [code.path, ...(context?.snippets ?? []).map((snippet) => snippet.path)]) {
        expect(exported).not.toContain(path);
        expect(exported).not.toContain(path.split('/').at(-1));
      }
      if (code.before.trim() !== '') expect(exported).not.toContain(JSON.stringify(code.before).slice(1, -1));
      if (code.text !== '') expect(exported).not.toContain(code.text.slice(0, 20));
    }
    expect(exported).not.toMatch(/"line"|"before"|"text"|"code"|"path"/);
  });
  it('leaves out fields that it does not know, at every depth', () => {
    const asked = KEYSTROKES.asked;
    const newer: unknown = {
      ...asked,
      prompt: 'SECRET',
      context: { ...asked.context!, text: 'SECRET', snippets: [{ ...asked.context!.snippets[0]!, text: 'SECRET' }] },
      answer: { ...asked.answer!, raw: 'SECRET', timings: { ...asked.answer!.timings!, note: 'SECRET' } },
      stages: [{ stage: 'network', ms: 1, note: 'SECRET' }],
      filters: [{ name: 'repetition', removedChars: 1, removed: 'SECRET' }],
      pace: { delayMs: 1, because: [], note: 'SECRET' },
    };
    expect(JSON.stringify(redact([newer as Keystroke], options))).not.toContain('SECRET');
  });
  it('takes no text where a number belongs', () => {
    const broken = { ...keystroke(), totalMs: 'SECRET', at: 'SECRET', id: 'SECRET' } as unknown as Keystroke;
    expect(redact([broken], options).keystrokes[0]).toMatchObject({
      totalMs: 0,
      id: 0,
      at: '1970-01-01T00:00:00.000Z',
    });
  });
  it('can be made of keystrokes that came through JSON', () => {
    const there = JSON.parse(JSON.stringify(all)) as Keystroke[];
    expect(redact(there, options)).toEqual(redact(all, options));
  });
});
