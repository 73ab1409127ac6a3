import type { AnswerTrace, ContextTrace, Fate, Keystroke, Stage } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { REASONS } from '../redact.ts';
import { KEYSTROKES, typingSession } from './keystrokes.ts';

const all: readonly Keystroke[] = Object.values(KEYSTROKES);
const everyOne = <Member extends string>(members: Record<Member, true>) => Object.keys(members).toSorted();
const met = (values: readonly (string | undefined)[]) =>
  [...new Set(values)].filter((value) => value !== undefined).toSorted();

describe('the keystrokes for tests', () => {
  it('meet every step, as one that decides', () => {
    const stages: Record<Stage, true> = {
      'type-through': true,
      cache: true,
      gate: true,
      inflight: true,
      pace: true,
      context: true,
      network: true,
      local: true,
      fit: true,
    };
    expect(met(all.map(({ decidedBy }) => decidedBy))).toEqual(everyOne(stages));
  });
  it('meet every reason there is', () => {
    expect(met(all.map(({ reason }) => reason))).toEqual(everyOne(REASONS));
  });
  it('meet every fate, source, cache and kind of snippet', () => {
    const fates: Record<Fate, true> = {
      shown: true,
      'accepted in part': true,
      accepted: true,
      typed: true,
      rejected: true,
      ignored: true,
    };
    expect(met(all.map(({ fate }) => fate))).toEqual(everyOne(fates));
    const sources: Record<AnswerTrace['source'], true> = {
      network: true,
      cache: true,
      inflight: true,
      typed: true,
      local: true,
    };
    expect(met(all.map(({ answer }) => answer?.source))).toEqual(everyOne(sources));
    const caches: Record<AnswerTrace['cache'], true> = {
      miss: true,
      memory: true,
      redis: true,
      continuation: true,
      inflight: true,
    };
    expect(met(all.map(({ answer }) => answer?.cache))).toEqual(everyOne(caches));
    const snippets: Record<ContextTrace['late'][number], true> = {
      open_file: true,
      recent_edit: true,
      recent_view: true,
      definition: true,
      retrieved: true,
    };
    expect(met(all.flatMap(({ context }) => context?.snippets.map(({ source }) => source) ?? []))).toEqual(
      everyOne(snippets),
    );
  });
  it('make a session with the newest first', () => {
    const session = typingSession(30);
    expect(session).toHaveLength(30);
    expect(session.map(({ id }) => id)).toEqual(session.map(({ id }) => id).toSorted((a, b) => b - a));
  });
});
