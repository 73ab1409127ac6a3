/** Clocks that are set: by a time server, a daylight saving time, a laptop that wakes up, or a hand. */
import { TelemetryEvent, problem } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { openEditor, suggestionOf } from '../testing/editor.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { problemError } from '../transport/failures.ts';
import type { ClientSettings } from '../types.ts';

const HOUR_MS = 3_600_000;

/** An editor whose clock on the wall can be set; what takes time goes on as before. */
function openEditorWithClock(
  drawing: string,
  { isSteady = true, ...options }: { isSteady?: boolean; settings?: () => ClientSettings } = {},
) {
  const clock = createManualClock();
  let set = 0;
  const now = () => clock.now() + set;
  const editor = openEditor(drawing, {
    now,
    setTimer: clock.setTimer,
    ...(isSteady && { elapsed: clock.now }),
    ...options,
  });
  return { editor, clock, set: (ms: number) => void (set += ms) };
}

describe.each([HOUR_MS, -HOUR_MS])('a clock that is set by %i ms', (ms) => {
  it('while an answer is on its way does not make it slow, or cost its event', async () => {
    for (const isSteady of [true, false]) {
      const { editor, clock, set } = openEditorWithClock('const a = █', { isSteady });
      const asked = editor.ask();
      await clock.advance(80);
      set(ms);
      (await editor.server.nextCall()).answer('1;');
      const suggestion = suggestionOf(await asked);
      if (isSteady) expect(suggestion.latencyMs).toBe(80);
      editor.client.shown(suggestion, 'measured');
      await clock.advance(300);
      set(ms);
      editor.accept(suggestion);
      expect(editor.events.map(({ type }) => type)).toEqual(['completion-shown', 'completion-accepted']);
      for (const event of editor.events) expect(TelemetryEvent.safeParse(event).error).toBeUndefined();
    }
  });

  it('while the server asks for patience does not change how long that lasts', async () => {
    const { editor, clock, set } = openEditorWithClock('const a = █');
    const asked = editor.ask();
    const busy = problem('rate-limited', 'Too many requests.', { retry_after_ms: 2000 });
    (await editor.server.nextCall()).fail(problemError(busy));
    await asked;
    set(ms);
    editor.jump('const b = █');
    expect(await editor.ask()).toMatchObject({ kind: 'failed', failure: { reason: 'rate-limited' } });
    expect(editor.server.calls).toHaveLength(1);
    await clock.advance(2000);
    void editor.ask();
    await editor.server.nextCall();
    expect(editor.server.calls).toHaveLength(2);
  });

  it('does not change when the next question is asked', async () => {
    const paceAfter = async (ms: number) => {
      const { editor, clock, set } = openEditorWithClock('█', { settings: () => ({ pace: 'calm' }) });
      for (const key of 'the answer') {
        editor.type(key);
        await clock.advance(100);
      }
      set(ms);
      const asked = editor.ask();
      await clock.settle();
      editor.cancel();
      await asked;
      return editor.client.keystrokes()[0]?.pace;
    };
    const usual = await paceAfter(0);
    expect(usual?.delayMs).toBeGreaterThan(0);
    expect(await paceAfter(ms)).toEqual(usual);
  });
});
