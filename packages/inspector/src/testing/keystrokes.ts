import type { AnswerTrace, ContextTrace, Keystroke, Stage } from '@ghostline/client';

const AT = Date.UTC(2026, 10, 21, 9, 30, 0);

/** A keystroke that was typed along with a suggestion, unless `changes` say otherwise. */
export function keystroke(changes: Partial<Keystroke> = {}): Keystroke {
  const id = changes.id ?? 1;
  return {
    id,
    at: AT + id * 137,
    trigger: 'automatic',
    language: 'typescript',
    outcome: 'suggested',
    decidedBy: 'type-through',
    reason: undefined,
    totalMs: 0.3,
    stages: [{ stage: 'type-through', ms: 0.3 }],
    pace: undefined,
    context: undefined,
    answer: ANSWER_TYPED,
    filters: [],
    fate: undefined,
    code: CODE,
    ...changes,
  };
}

const CODE: Keystroke['code'] = {
  path: 'src/shop/checkout.ts',
  line: 42,
  before: '  const total = ',
  text: 'items.reduce((sum, { price, count }) => sum + price * count, 0);',
};

const CONTEXT: ContextTrace = {
  prefixChars: 6_214,
  suffixChars: 1_480,
  snippets: [
    { source: 'recent_edit', path: 'src/shop/checkout.ts', chars: 312, score: 0.061 },
    { source: 'definition', path: 'src/shop/pricing.ts', chars: 428, score: 0.048 },
    { source: 'open_file', path: 'src/shop/promotions/seasonal-discounts.ts', chars: 1_204, score: 0.033 },
    { source: 'recent_view', path: 'test/shop/checkout.test.ts', chars: 860, score: 0.016 },
    { source: 'retrieved', path: 'src/inventory/stock.ts', chars: 540, score: undefined },
  ],
  late: [],
  redactions: 0,
  excluded: 0,
};

const ANSWER: AnswerTrace = {
  completionId: 'cmp_8hT2kQxLw0aZ',
  source: 'network',
  model: 'qwen2.5-coder-7b',
  region: 'eu-west',
  endpoint: 'eu-west-a',
  cache: 'miss',
  timings: { auth_ms: 0.2, prompt_ms: 1.4, cache_ms: 0.3, queue_ms: 2.1, first_token_ms: 38.2, total_ms: 61.7 },
  candidates: 1,
};
const ANSWER_TYPED: AnswerTrace = { ...ANSWER, source: 'typed' };
const LOCAL: AnswerTrace = {
  completionId: 'loc_5fPq91rTzB2c',
  source: 'local',
  model: 'ngram',
  region: 'local',
  endpoint: 'local',
  cache: 'miss',
  timings: undefined,
  candidates: 1,
};

const took = (times: Partial<Record<Stage, number>>): Pick<Keystroke, 'stages' | 'totalMs'> => ({
  stages: Object.entries(times).map(([stage, ms]) => ({ stage: stage as Stage, ms })),
  totalMs: Object.values(times).reduce((sum, ms) => sum + ms, 0),
});
const toNetwork = took({
  'type-through': 0.1,
  cache: 0.1,
  gate: 0.2,
  inflight: 0.1,
  pace: 62,
  context: 6.4,
  network: 58,
});
const toGate = took({ 'type-through': 0.1, cache: 0.1, gate: 0.2 });
const PACE = { delayMs: 62, because: ['pace-balanced', 'in-word', 'latency'] };

const nothing = { outcome: 'empty', answer: undefined, code: { ...CODE, text: '' } } as const;
const gate = (reason: string, before: string): Partial<Keystroke> => ({
  ...nothing,
  ...toGate,
  decidedBy: 'gate',
  reason,
  code: { ...CODE, before, text: '' },
});
const silenced = (reason: string): Partial<Keystroke> => ({
  ...nothing,
  ...toNetwork,
  decidedBy: 'network',
  reason,
  pace: PACE,
  context: CONTEXT,
});
const failure = (reason: string): Partial<Keystroke> => ({ ...silenced(reason), outcome: 'failed' });
const asked: Partial<Keystroke> = {
  ...toNetwork,
  decidedBy: 'network',
  pace: PACE,
  context: CONTEXT,
  answer: ANSWER,
};

const CHANGES = {
  'typed along': {},
  'typed along, accepted': { fate: 'accepted' },
  'typed to its end': { ...nothing, decidedBy: 'type-through', reason: 'trimmed' },
  'from cache': {
    ...took({ 'type-through': 0.1, cache: 0.4, fit: 0.2 }),
    decidedBy: 'cache',
    answer: { ...ANSWER, source: 'cache' },
    filters: [{ name: 'rest of the line', removedChars: 2 }],
    fate: 'shown',
  },
  'joined a request': {
    ...took({ 'type-through': 0.1, cache: 0.1, gate: 0.2, inflight: 41 }),
    decidedBy: 'inflight',
    answer: { ...ANSWER, source: 'inflight' },
    fate: 'typed',
  },
  asked: {
    ...asked,
    filters: [
      { name: 'repetition', removedChars: 64 },
      { name: 'brackets', removedChars: 1 },
    ],
    fate: 'accepted',
  },
  'asked by hand': {
    ...asked,
    ...took({ 'type-through': 0.1, cache: 0.1, inflight: 0.1, pace: 0, context: 9.1, network: 131 }),
    trigger: 'manual',
    pace: { delayMs: 0, because: ['manual'] },
    answer: { ...ANSWER, candidates: 4 },
    fate: 'accepted in part',
  },
  'answered from memory': { ...asked, answer: { ...ANSWER, cache: 'memory' }, fate: 'ignored' },
  'answered from redis': { ...asked, answer: { ...ANSWER, cache: 'redis' }, fate: 'rejected' },
  'answered with the rest of another': { ...asked, answer: { ...ANSWER, cache: 'continuation' } },
  'answered with another': { ...asked, answer: { ...ANSWER, cache: 'inflight' } },
  'with late sources and secrets': {
    ...asked,
    context: { ...CONTEXT, late: ['definition', 'recent_view'], redactions: 2, excluded: 3 },
    pace: { delayMs: 140, because: ['pace-calm', 'in-word', 'rejections'] },
    fate: 'shown',
  },
  'suggested locally': {
    ...took({ 'type-through': 0.1, cache: 0.1, gate: 0.2, inflight: 0.1, local: 4.2 }),
    decidedBy: 'local',
    answer: LOCAL,
    fate: 'shown',
  },
  paused: gate('paused', '  const total = '),
  'language off': { ...gate('language-off', '## What is ne'), language: 'markdown' },
  'file off': gate('file-off', '  const total = '),
  'document off': gate('document-off', 'what the build says: '),
  dismissed: gate('dismissed', '  const total = '),
  'on demand': gate('on-demand', '  const total = '),
  excluded: { ...gate('excluded', 'API_KEY='), language: 'dotenv', code: { ...CODE, path: '.env', text: '' } },
  'no cursor': gate('no-cursor', ''),
  'several cursors': gate('several-cursors', '  const '),
  'mid-word': gate('mid-word', '  const tot'),
  'mid-line': gate('mid-line', '  const total = items'),
  'after undo': gate('after-undo', '  const total'),
  prose: gate('prose', '// The customer pays what is in the cart and then'),
  'exact entry': gate('exact-entry', '  order.to'),
  silent: silenced('silent'),
  'silent still': { ...silenced('silent'), ...toGate, context: undefined, pace: undefined, decidedBy: 'cache' },
  'excluded by the server': silenced('excluded'),
  filtered: silenced('filtered'),
  'superseded on the server': silenced('superseded'),
  shed: silenced('shed'),
  'left to the local model': silenced('use_local'),
  'too late on the server': silenced('deadline'),
  'did not fit': {
    ...silenced('trimmed'),
    ...took({
      'type-through': 0.1,
      cache: 0.1,
      gate: 0.2,
      inflight: 0.1,
      pace: 62,
      context: 6.4,
      network: 58,
      fit: 0.3,
    }),
    decidedBy: 'fit',
    answer: ANSWER,
    filters: [{ name: 'following lines', removedChars: 118 }],
  },
  'typed on while pausing': {
    ...nothing,
    ...took({ 'type-through': 0.1, cache: 0.1, gate: 0.2, inflight: 0.1, pace: 48 }),
    outcome: 'cancelled',
    decidedBy: 'pace',
    reason: 'superseded',
    pace: PACE,
  },
  'typed on while gathering': {
    ...nothing,
    ...took({ 'type-through': 0.1, cache: 0.1, gate: 0.2, inflight: 0.1, pace: 62, context: 5 }),
    outcome: 'cancelled',
    decidedBy: 'context',
    reason: 'superseded',
    pace: PACE,
  },
  'typed on while asking': { ...silenced('superseded'), outcome: 'cancelled' },
  'cancelled by the editor': { ...silenced('editor'), outcome: 'cancelled' },
  ended: { ...silenced('disposed'), outcome: 'cancelled' },
  unreachable: failure('unreachable'),
  'unreachable still': { ...failure('unreachable'), ...toGate, context: undefined, pace: undefined, decidedBy: 'gate' },
  unauthenticated: failure('unauthenticated'),
  'rate limited': failure('rate-limited'),
  rejected: failure('rejected'),
  'server error': failure('server'),
  'broken answer': failure('protocol'),
} as const satisfies Record<string, Partial<Keystroke>>;

export type FixtureName = keyof typeof CHANGES;

/** One keystroke for every step, gate, reason and fate there is, each with an id of its own. */
export const KEYSTROKES = Object.fromEntries(
  Object.entries(CHANGES).map(([name, changes], index) => [name, keystroke({ id: index + 1, ...changes })]),
) as Record<FixtureName, Keystroke>;

/** The last `count` keystrokes of somebody who types along, stops, asks and goes on; newest first. */
export function typingSession(count = 100): readonly Keystroke[] {
  const rhythm: readonly FixtureName[] = [
    'typed on while pausing',
    'typed on while pausing',
    'asked',
    'typed along',
    'typed along',
    'typed along',
    'typed along',
    'from cache',
    'mid-word',
    'after undo',
    'joined a request',
    'silent',
    'typed on while asking',
    'suggested locally',
  ];
  return Array.from({ length: count }, (_, index) =>
    keystroke({ ...CHANGES[rhythm[index % rhythm.length]!], id: index + 1 }),
  ).toReversed();
}
