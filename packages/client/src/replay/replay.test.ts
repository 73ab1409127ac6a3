import { describe, expect, it } from 'vitest';
import type { CompletionQuery, DocumentChange, Outcome, Suggestion } from '../types.ts';
import { createVirtualClock } from './clock.ts';
import { measuresOf } from './measure.ts';
import type { RecordedEvent } from './recording.ts';
import { type ClientSeams, type ReplayOptions, type TraceEntry, replay } from './replay.ts';
import { toScript } from './script.ts';

const open = (text: string, path = 'a.ts') => ({ t_ms: 0, kind: 'open', path, language: 'typescript', text }) as const;
const edit = (t_ms: number, offset: number, inserted: string, deleted = 0, path = 'a.ts') =>
  ({ t_ms, kind: 'edit', path, offset, deleted, inserted }) as const;
const cursor = (t_ms: number, offset: number, path = 'a.ts') => ({ t_ms, kind: 'cursor', path, offset }) as const;
const typing = (text: string, every: number, offset = 0, from = every): RecordedEvent[] =>
  [...text].map((char, i) => edit(from + i * every, offset + i, char));

interface Hands extends Pick<ClientSeams, 'setTimer'> {
  /** The last suggestion has grown. */
  readonly extend: () => void;
}

type Answer = (query: CompletionQuery, hands: Hands) => string | undefined | Promise<string | undefined>;

/** Replays with a client that is a function from a question to a text, and tells everything that happened. */
async function play(events: readonly RecordedEvent[], answer: Answer, options: Partial<ReplayOptions> = {}) {
  const clock = createVirtualClock(0);
  const log: string[] = [];
  const say = (what: string) => log.push(`${clock.now()} ${what}`);
  const trace: TraceEntry[] = [];
  const changes: DocumentChange[] = [];
  let views = 0;
  let extended: (viewId: string) => void = () => undefined;
  const toOutcome = ({ document: { cursor } }: CompletionQuery, text: string | undefined): Outcome => {
    if (text === undefined) return { kind: 'empty', reason: 'silent' };
    const suggestion: Suggestion = {
      viewId: `view-${views++}`,
      completionId: 'cmp_12345678',
      choice: 0,
      text,
      range: { start: cursor, end: cursor },
      source: 'network',
      model: 'm',
      region: 'r',
      latencyMs: 0,
      complete: true,
    };
    return { kind: 'suggested', suggestions: [suggestion] };
  };
  try {
    const { tally } = await replay(toScript(events), {
      openClient: (seams) => ({
        async complete(query, signal) {
          const { text, cursor } = query.document;
          say(`asked ${text.slice(0, cursor)}█${text.slice(cursor)}`);
          signal.addEventListener('abort', () => say('cancelled'), { once: true });
          const extend = () => extended(`view-${views - 1}`);
          return toOutcome(query, await answer(query, { setTimer: seams.setTimer, extend }));
        },
        changed: (change) => changes.push(change),
        shown: ({ text }) => say(`shown ${text}`),
        accepted: (viewId) => say(`accepted ${viewId}`),
        dismissed: (viewId, why) => say(`dismissed ${viewId} ${why}`),
        onExtended(listener) {
          extended = listener;
          return () => undefined;
        },
        dispose: () => say('disposed'),
      }),
      server: { transport: {} as never, costs: [] },
      clock,
      onTrace: (entry) => trace.push(entry),
      ...options,
    });
    const screen = trace.flatMap((entry) =>
      entry.kind === 'screen' ? [`${entry.at} ${entry.change} ${entry.text}`] : [],
    );
    return { tally, measures: measuresOf([tally]), log, screen, trace, changes };
  } finally {
    clock.dispose();
  }
}

const nothing: Answer = () => undefined;
/** Knows `truth` from its beginning. */
const knowing =
  (truth: string): Answer =>
  ({ document: { text, cursor } }) =>
    truth.startsWith(text.slice(0, cursor)) ? truth.slice(cursor) || undefined : undefined;

describe('the editor of a replay', () => {
  it('asks 50 ms after a change, and cancels its question at the next one', async () => {
    const { log, tally } = await play([open(''), edit(100, 0, 'a'), edit(130, 1, 'b'), edit(250, 2, 'c')], nothing);
    expect(log).toEqual(['180 asked ab█', '250 cancelled', '300 asked abc█', '1250 cancelled', '1250 disposed']);
    expect(tally.asked).toBe(2);
  });

  it('does not ask when only the cursor moves, and cancels what it asked for', async () => {
    const { log } = await play([open('ab'), edit(100, 2, 'c'), cursor(120, 0), cursor(400, 1)], nothing);
    expect(log).toEqual(['1400 disposed']);
  });

  it('tells the client every change, and shows it the other documents', async () => {
    const seen: string[][] = [];
    const events = [open('a'), open('b', 'b.ts'), edit(100, 1, 'b', 0, 'b.ts'), edit(300, 0, 'x')];
    const { changes } = await play(events, ({ openDocuments }) => {
      seen.push(openDocuments().map(({ path, text }) => `${path} ${text}`));
      return undefined;
    });
    expect(changes.map(({ uri, offset, inserted }) => `${uri} ${offset} ${inserted}`)).toEqual([
      'recording:///b.ts 1 b',
      'recording:///a.ts 0 x',
    ]);
    expect(seen).toEqual([['a.ts a'], ['b.ts bb']]);
  });

  it('keeps ghost text while it is typed along, and shows no late answer', async () => {
    const late: Answer = (query, hands) =>
      new Promise((resolve) => hands.setTimer(() => resolve(knowing('xyz.')(query, hands)), 60));
    const { screen } = await play([open(''), ...typing('x', 100), ...typing('yz', 90, 1, 300)], late);
    // Asked at 150 and answered at 210; what was asked at 350 is cancelled at 390.
    expect(screen).toEqual(['210 appeared yz.', '1390 left .']);
  });

  it('asks again when the client says that its suggestion has grown', async () => {
    let text = 'yz';
    const { screen, measures } = await play([open(''), edit(100, 0, 'x')], (_query, { setTimer, extend }) => {
      setTimer(() => {
        if (text === 'yz') text = 'yz\nmore';
        extend();
      }, 200);
      return text;
    });
    expect(screen.slice(0, 2)).toEqual(['150 appeared yz', '350 grown yz\nmore']);
    expect(measures).toMatchObject({ flickers: 0, suggestions: { shown: 1 } });
  });

  it('hands failures of the client on', async () => {
    await expect(play([open(''), edit(1, 0, 'x')], () => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });

  it('stops at an abort', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(play([open(''), edit(1, 0, 'x')], nothing, { signal })).rejects.toThrow('enough');
  });
});

describe('what is measured on the screen', () => {
  it('counts a text once while it is typed along, and in time when it stays for 250 ms', async () => {
    const { measures } = await play([open(''), ...typing('long wor', 200)], knowing('long words'));
    expect(measures.suggestions).toMatchObject({ shown: 1, shownInTime: 1 });
    expect(measures.keystrokeToTextMs).toMatchObject({ count: 1, p50: 50 });
    expect(measures.typedThrough).toEqual({ keys: 7, atOnce: 7 });
  });

  it('does not count as in time what is typed away sooner', async () => {
    const { measures } = await play([open(''), edit(100, 0, 'a'), edit(300, 1, 'b')], ({ document }) =>
      document.cursor === 1 ? 'no' : undefined,
    );
    expect(measures.suggestions).toMatchObject({ shown: 1, shownInTime: 0 });
  });

  it('calls it flicker when another text takes the place of one that still fits', async () => {
    const { measures, screen } = await play([open(''), edit(100, 0, 'a'), edit(400, 1, 'b')], ({ document }) =>
      document.cursor === 1 ? 'bc' : 'd',
    );
    expect(measures).toMatchObject({ flickers: 1, vanished: 0 });
    expect(screen.slice(1)).toEqual(['450 different c', '450 appeared d', '1400 left d']);
  });

  it('calls it no flicker when the text grows, or another comes after it was typed away', async () => {
    const { measures } = await play(
      [open(''), edit(100, 0, 'a'), edit(400, 1, 'b'), edit(800, 2, 'x')],
      ({ document }) => (document.cursor === 1 ? 'bc' : document.cursor === 2 ? 'cd' : 'y'),
    );
    expect(measures.flickers).toBe(0);
    expect(measures.suggestions.shown).toBe(2);
  });

  it('counts what vanishes though it fits', async () => {
    const { measures, log } = await play([open(''), edit(100, 0, 'a'), edit(400, 1, 'b')], ({ document }) =>
      document.cursor === 1 ? 'bc' : undefined,
    );
    expect(measures).toMatchObject({ flickers: 0, vanished: 1 });
    expect(log).toContain('450 dismissed view-0 ignored');
  });

  it('looks at pauses in the middle of typing: is there a suggestion for a quarter of a second', async () => {
    const events = [open(''), ...typing('ab', 100), ...typing('cd', 600, 2, 800), cursor(3000, 0), edit(4000, 0, 'x')];
    const { measures } = await play(events, ({ document }) => (document.cursor === 2 ? 'zzz' : undefined));
    // Before `c` and before `d`; moving away and coming back are no pauses of that kind.
    expect(measures.pauses).toEqual({ count: 3, coveredShare: 1 / 3 });
  });
});

describe('the user of a replay', () => {
  const text = 'const total = 1;';

  it('takes what was read and is right: everything after it is earlier', async () => {
    const events = [open(''), ...typing(text, 200), edit(5000, text.length, '\n')];
    const { measures, log, screen } = await play(events, knowing(text));
    // Shown at 250 with 15 characters: read at 775, when `con` is typed.
    expect(log.find((line) => line.includes('accepted'))).toBe('775 accepted view-2');
    expect(screen[1]).toBe('775 accepted st total = 1;');
    expect(measures.suggestions).toMatchObject({ shown: 1, accepted: 1, acceptedInPart: 0 });
    expect(measures.characters.accepted).toBe(13);
    expect(measures.keys).toMatchObject({ unaided: 17, pressed: 3 + 1 + 1 });
    expect(measures.unaidedMs).toBe(5000);
    expect(measures.durationMs).toBe(775 + 5000 - 16 * 200);
  });

  it('takes the first line of what is right that far', async () => {
    const events = [open(''), ...typing(`${text}\nnext`, 200)];
    const { measures, changes } = await play(events, knowing(`${text}\nother`));
    expect(measures.suggestions).toMatchObject({ accepted: 0, acceptedInPart: 1 });
    expect(changes.some(({ inserted }) => text.endsWith(inserted) && inserted.length > 8)).toBe(true);
  });

  it('lets be what is wrong, or hardly worth a key', async () => {
    const wrong = await play([open(''), ...typing('abcdefgh', 400)], ({ document }) =>
      document.cursor === 1 ? 'xyz' : undefined,
    );
    expect(wrong.measures.suggestions.accepted).toBe(0);
    const short = await play([open(''), ...typing('abcd', 1000)], knowing('abcd'));
    expect(short.measures.suggestions).toMatchObject({ accepted: 0, acceptedInPart: 0 });
  });

  it('with an eye for the marks only, takes at a mark at once what agrees, and types the rest by hand', async () => {
    const events: RecordedEvent[] = [
      open(''),
      ...typing('con', 200),
      { t_ms: 2000, kind: 'accept' },
      edit(2000, 3, 'st total = 1;'),
      edit(4000, 16, '\n'),
    ];
    const whole = await play(events, knowing(text), { user: { attention: 'marks' } });
    expect(whole.log.filter((line) => line.includes('accepted'))).toEqual(['2000 accepted view-2']);
    expect(whole.measures.durationMs).toBe(4000);
    const nothingThere = await play(events, nothing, { user: { attention: 'marks' } });
    expect(nothingThere.measures.keys.pressed).toBe(nothingThere.measures.keys.unaided);
    expect(nothingThere.measures.durationMs).toBe(nothingThere.measures.unaidedMs);
    const unread = await play([open(''), ...typing(text, 300)], knowing(text), { user: { attention: 'marks' } });
    expect(unread.measures.suggestions.accepted).toBe(0);
  });

  it('dismisses with Escape', async () => {
    const { log, screen, tally } = await play(
      [open(''), edit(100, 0, 'a'), { t_ms: 600, kind: 'dismiss' }],
      () => 'bc',
    );
    expect(log).toContain('600 dismissed view-0 rejected');
    expect(screen).toEqual(['150 appeared bc', '600 left bc']);
    expect(tally.shownInTime).toBe(1);
  });

  it('types N times as fast when told to', async () => {
    const { log, measures } = await play([open(''), ...typing('ab', 400)], nothing, { speed: 4 });
    expect(log).toEqual(['150 asked a█', '200 cancelled', '250 asked ab█', '1200 cancelled', '1200 disposed']);
    expect(measures.unaidedMs).toBe(200);
  });
});
