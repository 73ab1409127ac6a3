/** Whatever server, clock, settings and user do: the client's promises hold. */
import { getEventListeners } from 'node:events';
import { type EmptyReason, TelemetryEvent } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientFailure, Gate, Keystroke } from '../index.ts';
import { type Clocks, type RestlessUser, openRestlessUser } from './testing/restless-user.ts';

const SESSIONS = 60;
const ACTIONS = 150;

let unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** Every word that may be given as a reason: a list that lacks one does not compile. */
const EMPTY: Record<EmptyReason | Gate | 'trimmed', true> = {
  silent: true,
  excluded: true,
  filtered: true,
  superseded: true,
  shed: true,
  use_local: true,
  deadline: true,
  trimmed: true,
  paused: true,
  'language-off': true,
  'file-off': true,
  'document-off': true,
  'on-demand': true,
  'no-cursor': true,
  'several-cursors': true,
  'mid-word': true,
  'mid-line': true,
  'after-undo': true,
  prose: true,
  'exact-entry': true,
  dismissed: true,
};
const FAILED: Record<ClientFailure['reason'], true> = {
  unreachable: true,
  unauthenticated: true,
  'rate-limited': true,
  rejected: true,
  server: true,
  protocol: true,
};
const REASONS: Record<Keystroke['outcome'], ReadonlySet<string | undefined>> = {
  suggested: new Set([undefined]),
  empty: new Set(Object.keys(EMPTY)),
  cancelled: new Set(['superseded', 'editor', 'disposed']),
  failed: new Set(Object.keys(FAILED)),
};

/** Three times the longest pace: as long as three rejections in a row may make it. */
const LONGEST_PACE_MS = 1800;

async function session(seed: number, clocks: Clocks, visit: (user: RestlessUser) => unknown): Promise<RestlessUser> {
  const user = openRestlessUser(seed, { clocks });
  const newest: Keystroke[] = [];
  user.client.onKeystroke(() => {
    const [latest] = user.client.keystrokes();
    if (latest && latest.id !== newest.at(-1)?.id) newest.push(latest);
  });
  try {
    await user.act(ACTIONS);
    await visit(user);
    await user.close();
    const why = `seed ${seed}`;
    expect(
      newest.map(({ id }) => id),
      why,
    ).toEqual(user.calls.map((_, index) => index + 1));
    for (const keystroke of newest) {
      expect(REASONS[keystroke.outcome], why).toContain(keystroke.reason);
      const durations = [keystroke.totalMs, keystroke.pace?.delayMs ?? 0, ...keystroke.stages.map(({ ms }) => ms)];
      for (const ms of durations) expect(ms, why).toBeGreaterThanOrEqual(0);
      expect(keystroke.pace?.delayMs ?? 0, why).toBeLessThanOrEqual(LONGEST_PACE_MS);
    }
    for (const event of user.events) expect(TelemetryEvent.safeParse(event).error, why).toBeUndefined();
    expect(user.complaints, why).toEqual([]);
  } finally {
    user.clock.dispose();
  }
  return user;
}

describe.each<Clocks>(['steady', 'unsteady', 'lost'])('%s clocks', (clocks) => {
  const first = { steady: 0, unsteady: 1000, lost: 2000 }[clocks];
  const seeds = Array.from({ length: SESSIONS }, (_, index) => first + index);

  it('every question is settled and written down, and nothing is left over', async () => {
    const did = new Set<string>();
    let keys = 0;
    let shown = 0;
    let typedAlong = 0;
    for (const seed of seeds) {
      const user = await session(seed, clocks, async ({ client, comeToRest }) => {
        // With a clock that jumps alone, nobody knows how long to be patient.
        if (seed % 2 === 0 || clocks === 'lost') return;
        expect(await comeToRest(), `seed ${seed}`).toMatchObject({ kind: 'suggested' });
        expect(client.state(), `seed ${seed}`).toEqual({ kind: 'ready' });
      });
      for (const call of user.calls)
        expect(call, `seed ${seed}`).toMatchObject({ error: undefined, outcome: expect.anything() });
      expect(user.clock.waiting, `timers of seed ${seed}`).toBe(0);
      expect(user.server.open, `streams of seed ${seed}`).toBe(0);
      const listeners = user.signals.flatMap((signal) => getEventListeners(signal, 'abort'));
      expect(listeners.length, `listeners of seed ${seed}`).toBe(0);
      for (const name of user.server.did.keys()) did.add(name);
      keys += user.calls.length;
      shown += user.shown.times;
      typedAlong += user.shown.typedAlong;
    }
    // Otherwise all of this says little.
    expect(did.size).toBeGreaterThan(20);
    expect(keys).toBeGreaterThan(5000);
    expect(shown).toBeGreaterThan(400);
    expect(typedAlong).toBeGreaterThan(150);
  });
});
