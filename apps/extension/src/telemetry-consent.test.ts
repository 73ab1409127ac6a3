import type { Outbox } from '@ghostline/client';
import type { TelemetryEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createConsentedOutbox } from './telemetry-consent.ts';

const event: TelemetryEvent = {
  type: 'completion-rejected',
  event_id: '01936f00-0000-7000-8000-000000000001',
  view_id: '01936f00-0000-7000-8000-000000000002',
  completion_id: 'cmp_12345678',
  choice: 0,
  time: '2026-11-21T09:30:00.000Z',
  how: 'inferred',
  chars: 3,
  lines: 1,
  after_s: 1,
};

function source(allowed: boolean) {
  const listeners = new Set<() => void>();
  return {
    allows: () => allowed,
    onDidChange: (listener: () => void) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    listeners,
    set(value: boolean) {
      allowed = value;
      listeners.forEach((listener) => listener());
    },
  };
}

function consented(editorAllows: boolean, settingAllows: boolean) {
  const editor = source(editorAllows);
  const setting = source(settingAllows);
  const log: string[] = [];
  const errors: unknown[] = [];
  let clear = async (): Promise<void> => {
    log.push('cleared');
  };
  const open = (): Outbox => {
    log.push('opened');
    return {
      record: ({ event_id }) => log.push(`recorded ${event_id.slice(-1)}`),
      flush: async () => void log.push('flushed'),
      dispose: async () => void log.push('disposed'),
    };
  };
  const outbox = createConsentedOutbox({
    sources: [editor, setting],
    open,
    clear: () => clear(),
    onError: (error) => errors.push(error),
  });
  return { editor, setting, outbox, log, errors, setClear: (work: () => Promise<void>) => (clear = work) };
}

describe('the outbox with consent', () => {
  it('opens, records and sends', async () => {
    const { outbox, log } = consented(true, true);
    await outbox.flush();
    outbox.record(event);
    await outbox.dispose();
    expect(log).toEqual(['opened', 'flushed', 'recorded 1', 'disposed']);
  });
});

describe('the outbox without consent', () => {
  it('is never opened, and what an earlier session left is deleted', async () => {
    for (const [editorAllows, settingAllows] of [
      [false, true],
      [true, false],
    ] as const) {
      const { outbox, log } = consented(editorAllows, settingAllows);
      outbox.record(event);
      await outbox.flush();
      expect(log).toEqual(['cleared']);
    }
  });

  it('takes nothing from the moment consent is withdrawn, and deletes what was waiting', async () => {
    const { outbox, editor, log } = consented(true, true);
    await outbox.flush();
    editor.set(false);
    outbox.record(event);
    await outbox.flush();
    expect(log).toEqual(['opened', 'flushed', 'disposed', 'cleared']);
  });

  it('opens again when consent returns, but not before it has been emptied', async () => {
    const { outbox, setting, log, setClear } = consented(true, true);
    await outbox.flush();
    const disk = Promise.withResolvers<void>();
    setClear(async () => {
      await disk.promise;
      log.push('cleared');
    });
    setting.set(false);
    setting.set(true);
    setting.set(false);
    setting.set(true);
    disk.resolve();
    await outbox.flush();
    outbox.record(event);
    expect(log.slice(-2)).toEqual(['flushed', 'recorded 1']);
    expect(log.lastIndexOf('opened')).toBeGreaterThanOrEqual(log.lastIndexOf('cleared'));
  });

  it('reports a folder that cannot be emptied, and goes on', async () => {
    const { outbox, setting, errors, log, setClear } = consented(true, true);
    setClear(() => Promise.reject(new Error('read-only')));
    setting.set(false);
    await outbox.flush();
    expect(errors).toEqual([new Error('read-only')]);
    setting.set(true);
    await outbox.flush();
    expect(log.at(-1)).toBe('flushed');
  });

  it('is no longer watched after disposal', async () => {
    const { outbox, editor, setting } = consented(true, true);
    await outbox.dispose();
    expect(editor.listeners.size + setting.listeners.size).toBe(0);
  });
});
