import { describe, expect, it } from 'vitest';
import { KEYSTROKES, keystroke } from '../testing/index.ts';
import { translateWith } from '../translate.ts';
import { explain, fateSentence } from './explain.ts';

const all = Object.entries(KEYSTROKES);

describe('an explanation', () => {
  it('says why, and what changes it', () => {
    expect(explain(KEYSTROKES['mid-word'])).toEqual({
      title: 'not asked: middle of a word',
      sentence: 'No suggestion: the cursor is in the middle of a word.',
      fix: 'Ghostline asks there only by hand (Alt+\\).',
    });
  });
  it('names the setting', () => {
    const { fix, setting } = explain(KEYSTROKES['after undo']);
    expect(setting).toBe('ghostline.suggestAfterDeletion');
    expect(fix).toBe('Type on, or turn on ghostline.suggestAfterDeletion. Ask by hand (Alt+\\) to have one here.');
  });
  it('names the key that asks by hand, as it is on this keyboard', () => {
    expect(explain(KEYSTROKES['mid-line'], { manualKey: '⌥\\' }).fix).toContain('(⌥\\)');
  });
  it.each(all)('of "%s" is a known one, in whole sentences without gaps', (_, one) => {
    const { title, sentence, fix } = explain(one);
    expect(title).not.toMatch(/\{\d\}|undefined/);
    expect(title).not.toContain('no suggestion:');
    for (const text of [sentence, ...(fix === undefined ? [] : [fix])]) {
      expect(text).toMatch(/^\p{L}.*[.?]$/u);
      expect(text).not.toMatch(/\{\d\}|undefined/);
    }
    expect(sentence.startsWith('No suggestion')).toBe(one.outcome !== 'suggested');
  });
  it.each(all)('of "%s" speaks of no setting where there are none', (_, one) => {
    const { sentence, fix = '', setting } = explain(one, { hasSettings: false });
    expect(`${sentence} ${fix}`).not.toMatch(/ghostline\.|command|status bar/);
    expect(setting).toBeUndefined();
  });
  it.each(all)('of "%s" names in its text the setting it is about', (_, one) => {
    const { fix, setting } = explain(one);
    if (setting !== undefined) expect(fix).toContain(setting);
    else expect(fix ?? '').not.toContain('ghostline.');
  });
  it('tells the exclusions of the editor from those of the server', () => {
    expect(explain(KEYSTROKES.excluded).setting).toBe('ghostline.exclude');
    expect(explain(KEYSTROKES['excluded by the server']).setting).toBeUndefined();
  });
  it('tells a silence that was heard from one that is remembered', () => {
    expect(explain(KEYSTROKES.silent).sentence).toBe('No suggestion: the model has nothing to add here.');
    expect(explain(KEYSTROKES['silent still']).sentence).toContain('not asked again');
  });
  it('tells what a cancelled keystroke cost', () => {
    expect(explain(KEYSTROKES['typed on while pausing']).sentence).toContain('cost nothing');
    expect(explain(KEYSTROKES['typed on while asking']).sentence).not.toContain('cost nothing');
  });
  it('says that a failure is not tried again at once', () => {
    expect(explain(KEYSTROKES['unreachable still']).sentence).toContain('waits a little');
    expect(explain(KEYSTROKES.unreachable).sentence).not.toContain('waits a little');
  });
  it('repeats a word that only a newer client knows', () => {
    const newer = keystroke({ outcome: 'empty', decidedBy: 'gate', reason: 'full-moon' });
    expect(explain(newer).sentence).toBe('No suggestion, for a reason that has no explanation yet: full-moon.');
    expect(explain({ ...newer, reason: 'toString' }).sentence).toContain('toString');
  });
  it('is equal in its title for keystrokes that differ in figures only', () => {
    expect(explain({ ...KEYSTROKES.asked, totalMs: 400 }).title).toBe(explain(KEYSTROKES.asked).title);
  });
  it('never holds code', () => {
    const code = { path: 'SECRET.ts', line: 1, before: 'SECRET', text: 'SECRET' };
    for (const [, one] of all) expect(JSON.stringify(explain({ ...one, code }))).not.toContain('SECRET');
  });
  it('can be had in another language', () => {
    const t = translateWith({ 'asked {0}': '{0} gefragt' });
    expect(explain(KEYSTROKES.asked, { t }).title).toBe('eu-west gefragt');
    expect(explain(KEYSTROKES['from cache'], { t }).title).toBe('shown from cache');
  });
});

describe('what became of a suggestion', () => {
  it('is a sentence of its own for each fate', () => {
    const fates = ['shown', 'accepted in part', 'accepted', 'typed', 'rejected', 'ignored', undefined] as const;
    expect(new Set(fates.map((fate) => fateSentence(fate))).size).toBe(fates.length);
  });
});
