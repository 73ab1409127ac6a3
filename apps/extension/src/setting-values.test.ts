import { describe, expect, it } from 'vitest';
import {
  candidateCount,
  enableMap,
  fixedDelay,
  globs,
  localMode,
  multilineMode,
  paceOf,
  serverUrl,
} from './setting-values.ts';

describe('settings as users write them', () => {
  it('turn languages on and off, and ignore what is neither', () => {
    expect(enableMap({ '*': true, python: false, go: 'yes' })).toEqual({ '*': true, python: false });
    expect(enableMap('all')).toEqual({});
    expect(enableMap(null)).toEqual({});
  });

  it('keep files away from the server', () => {
    expect(globs(['**/*.pem', '', 7, 'secrets/**'])).toEqual(['**/*.pem', 'secrets/**']);
    expect(globs('**/*.pem')).toEqual([]);
  });

  it('fix the delay, or leave it to the client', () => {
    expect(fixedDelay(0)).toBe(0);
    expect(fixedDelay(250)).toBe(250);
    expect(fixedDelay(null)).toBeUndefined();
    expect(fixedDelay('250')).toBeUndefined();
    expect(fixedDelay(-1)).toBeUndefined();
  });

  it('choose the length of suggestions', () => {
    expect(multilineMode('never')).toBe('never');
    expect(multilineMode('sometimes')).toBe('auto');
  });

  it('choose the pace', () => {
    expect(paceOf('calm')).toBe('calm');
    expect(paceOf('eager')).toBe('eager');
    expect(paceOf('fast')).toBe('balanced');
  });

  it('say how many suggestions to step through, one to five', () => {
    expect(candidateCount(5)).toBe(5);
    expect(candidateCount(99)).toBe(5);
    expect(candidateCount(0)).toBe(1);
    expect(candidateCount('2')).toBe(3);
  });

  it('choose when the editor suggests by itself', () => {
    expect(localMode('off')).toBe('off');
    expect(localMode('instant')).toBe('instant');
    expect(localMode(false)).toBe('fallback');
  });

  it('address a server with or without a slash at the end; none means the default', () => {
    expect(serverUrl(' https://ghostline.example/team/ ', 'http://d')).toBe('https://ghostline.example/team');
    expect(serverUrl('', 'http://d')).toBe('http://d');
    expect(serverUrl(7, 'http://d')).toBe('http://d');
  });
});
