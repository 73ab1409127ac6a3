import type { AnswerTrace, Keystroke } from '@ghostline/client';

/** A keystroke that nothing came of, but for what the test is about. */
export function keystroke(about: Partial<Keystroke> = {}): Keystroke {
  return {
    id: 1,
    at: Date.UTC(2026, 10, 21, 9, 30),
    trigger: 'automatic',
    language: 'typescript',
    outcome: 'empty',
    decidedBy: 'gate',
    reason: 'mid-word',
    totalMs: 1,
    stages: [],
    pace: undefined,
    context: undefined,
    answer: undefined,
    filters: [],
    fate: undefined,
    code: { path: 'src/a.ts', line: 1, before: '', text: '' },
    ...about,
  };
}

export function answerFrom(region: string, source: AnswerTrace['source'] = 'network'): AnswerTrace {
  return {
    completionId: 'cmp_12345678',
    source,
    model: 'fast',
    region,
    endpoint: 'gpu-1',
    cache: 'miss',
    timings: undefined,
    candidates: 1,
  };
}
