import { KEYSTROKES } from '@ghostline/inspector/testing';
import { describe, expect, it } from 'vitest';
import { latestAnswer } from './latest-answer.ts';

const { asked, 'typed along': along, 'mid-word': midWord, 'from cache': fromCache } = KEYSTROKES;

describe('the latest answer', () => {
  it('is that of the keystroke that waited for it', () => {
    expect(latestAnswer([midWord, along, along, asked, fromCache])).toMatchObject({
      totalMs: asked.totalMs,
      answer: { source: 'network', region: 'eu-west' },
    });
  });
  it('is known from typing along alone, when the asking is too long ago', () => {
    expect(latestAnswer([along, midWord])?.answer.model).toBe(along.answer?.model);
  });
  it('is none before the first suggestion', () => {
    expect(latestAnswer([])).toBeUndefined();
    expect(latestAnswer([midWord])).toBeUndefined();
  });
});
