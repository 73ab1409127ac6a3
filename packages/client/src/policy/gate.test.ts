import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw.ts';
import type { Situation } from '../types.ts';
import { type GateInput, closedTo, gateAt } from './gate.ts';

type Scope = ReturnType<GateInput['syntax']>;

const CODE: Scope = { scope: 'code', afterComment: false };

function gate(drawing: string, input: Partial<GateInput> & { language?: string } = {}) {
  const { language = 'typescript', ...others } = input;
  const document = draw(drawing, { language });
  return gateAt({ document, trigger: 'automatic', settings: {}, syntax: () => CODE, ...others });
}

describe('nobody is asked', () => {
  it.each(['con█st x', 'x = foo█Bar();', 'naï█ve', 'a█1'])('in the middle of a word: %s', (drawing) => {
    expect(gate(drawing)).toBe('mid-word');
  });

  it.each(['foo(█, b)', 'x = █ + 1', 'if (█a) {', '█const x'])('in front of code: %s', (drawing) => {
    expect(gate(drawing)).toBe('mid-line');
  });

  it('right after an undo or a redo, unless told to', () => {
    expect(gate('x = █', { situation: { lastChange: 'undo' } })).toBe('after-undo');
    expect(gate('x = █', { situation: { lastChange: 'redo' } })).toBe('after-undo');
    const settings = { afterDeletion: true };
    expect(gate('x = █', { situation: { lastChange: 'undo' }, settings })).toBeUndefined();
  });

  it('where the user asks by hand only', () => {
    expect(gate('x = █', { situation: { onDemand: true } })).toBe('on-demand');
    expect(gate('x = █', { situation: { onDemand: true }, trigger: 'manual' })).toBeUndefined();
  });

  it('while the list of completions offers the rest of a member', () => {
    const at = (drawing: string, text: string, start: number) =>
      gate(drawing, { situation: { selectedEntry: { text, start } } });
    expect(at('user.na█', 'name', 5)).toBe('exact-entry');
    expect(at('p->na█', 'name', 3)).toBe('exact-entry');
    expect(at('Self::na█', 'name', 6)).toBe('exact-entry');
    expect(at('user.na█', 'other', 5)).toBeUndefined();
    expect(at('user.█', 'name', 5)).toBeUndefined();
    expect(at('con█', 'const', 0)).toBeUndefined();
  });

  it('in sentences of comments and strings, unless told to', () => {
    const comment: Scope = { scope: 'comment', afterComment: false };
    const drawing = '// this is why we █';
    expect(gate(drawing, { syntax: () => comment })).toBe('prose');
    expect(gate(drawing, { syntax: () => comment, settings: { prose: true } })).toBeUndefined();
    expect(gate('throw new Error("cannot find the █")', { syntax: () => ({ ...comment, scope: 'string' }) })).toBe(
      'prose',
    );
  });
});

describe('somebody is asked', () => {
  it.each([
    'x = █',
    'foo(█)',
    'foo(█);',
    "import { a } from '█';",
    'if (a) {█}',
    'items.map((item) => █)}',
    'use(() => a(█)),',
    'const f = (█) => {',
    'if (█) {',
    '<Icon █/>',
    '<b>█</b>',
    '{items.map((item) => <li>█</li>)}',
    'x = █ // the sum',
    '█',
    '  █',
    'foo█',
  ])('at the end of code, before what only closes, and before a comment: %s', (drawing) => {
    expect(gate(drawing)).toBeUndefined();
  });

  it('by hand everywhere', () => {
    expect(gate('con█st', { trigger: 'manual', situation: { lastChange: 'undo' } })).toBeUndefined();
  });

  it('in a comment that describes code to come, and in code that reads like a sentence', () => {
    const syntax = () => ({ scope: 'comment', afterComment: true }) as const;
    expect(gate('// parse the header█', { syntax })).toBeUndefined();
    expect(gate('select name from users where █', { language: 'sql' })).toBeUndefined();
  });

  it('in strings that are no sentences', () => {
    const syntax = () => ({ scope: 'string', afterComment: false }) as const;
    expect(gate("import { a } from './po█'", { syntax })).toBeUndefined();
  });

  it('without any parsing where no sentence stands', () => {
    const syntax = () => expect.fail('parsed');
    expect(gate('const x = █', { syntax })).toBeUndefined();
  });
});

describe('nothing can be shown', () => {
  it.each<[string, Situation, string]>([
    ['paused', { off: 'paused' }, 'a.ts'],
    ['language-off', { off: 'language-off' }, 'a.ts'],
    ['excluded', {}, '.env'],
    ['several-cursors', { cursors: 2 }, 'a.ts'],
  ])('where it is %s, whoever asks', (reason, situation, path) => {
    expect(closedTo({ document: draw('█', { path }), situation }, (path) => path === '.env')).toBe(reason);
  });
});
