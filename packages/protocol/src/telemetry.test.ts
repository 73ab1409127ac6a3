import { describe, expect, it } from 'vitest';
import { LIMITS, TelemetryEvent, parseTelemetryBatch } from './index.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const shown = {
  event_id: '019a0000-0000-7000-8000-000000000001',
  completion_id: 'cmp_AAAAAAAAAAAA',
  choice: 0,
  view_id: '019a0000-0000-7000-8000-000000000002',
  type: 'completion-shown',
  time: '2026-11-21T11:59:59.000Z',
  how: 'inferred',
  language: 'typescript',
  chars: 12,
  lines: 1,
  latency_ms: 87.5,
  trigger: 'automatic',
  source: 'network',
};

function detailsOf(...events: unknown[]) {
  const result = parseTelemetryBatch({ events }, now);
  if (!result.ok) throw new Error(result.problem.detail);
  return { accepted: result.events.map(({ index }) => index), rejected: result.rejected };
}

describe('a telemetry batch', () => {
  it('judges each event on its own and keeps its place', () => {
    const { accepted, rejected } = detailsOf(shown, { ...shown, view_id: 'x' }, shown);
    expect(accepted).toEqual([0, 2]);
    expect(rejected).toEqual([{ index: 1, detail: 'view_id: must be a lower-case UUID of version 7' }]);
  });

  it('rejects events older than seven days, with that reason', () => {
    const time = new Date(now - LIMITS.telemetryMaxAgeMs - 1).toISOString();
    expect(detailsOf({ ...shown, time }).rejected[0]?.detail).toMatch(/older than 7 days/);
    expect(detailsOf({ ...shown, time: new Date(now - LIMITS.telemetryMaxAgeMs).toISOString() }).accepted).toEqual([0]);
  });

  it('points at likely typos, in types as in fields', () => {
    expect(detailsOf({ ...shown, type: 'completion-shwn' }).rejected[0]?.detail).toBe(
      'type: unknown value; did you mean "completion-shown"?',
    );
    expect(detailsOf({ ...shown, latencyms: 3 }).rejected[0]?.detail).toBe(
      'latencyms: unknown field; did you mean "latency_ms"?',
    );
  });

  it('bounds the search for typos, for all events together', () => {
    const unknown = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`x${i}`, i]));
    expect(detailsOf({ ...shown, ...unknown }, { ...shown, latencyms: 3 }).accepted).toEqual([0, 1]);
  });

  it('takes a completion id of the extension itself with origin local only, and one of the server without', () => {
    const local = { ...shown, completion_id: 'loc_AAAAAAAAAAAA', origin: 'local' };
    expect(detailsOf(local, shown, { ...shown, origin: 'server' }).accepted).toEqual([0, 1, 2]);
    expect(detailsOf({ ...local, origin: undefined }, { ...local, origin: 'server' }).rejected).toEqual(
      [0, 1].map((index) => ({
        index,
        detail: 'origin: must be "local" for a completion id of the extension itself (loc_…)',
      })),
    );
    expect(detailsOf({ ...shown, origin: 'local' }).rejected[0]?.detail).toBe(
      'origin: must be "server", or absent, for a completion id of the server (cmp_…)',
    );
  });

  it('takes the completion that a local one has grown into: one of the server, for a local one only', () => {
    const local = { ...shown, completion_id: 'loc_AAAAAAAAAAAA', origin: 'local', extended_by: 'cmp_BBBBBBBBBBBB' };
    expect(detailsOf(local)).toEqual({ accepted: [0], rejected: [] });
    expect(
      detailsOf({ ...local, extended_by: 'loc_BBBBBBBBBBBB' }, { ...shown, extended_by: 'cmp_B' }).rejected,
    ).toEqual(
      [0, 1].map((index) => ({
        index,
        detail: 'extended_by: must be a completion id as sent in the start event (cmp_…)',
      })),
    );
    expect(detailsOf({ ...shown, extended_by: 'cmp_BBBBBBBBBBBB' }).rejected[0]?.detail).toBe(
      'extended_by: is for a completion id of the extension itself (loc_…) only; leave it out',
    );
  });

  it('takes what was left of an accepted text, with or without a language server that has looked at it', () => {
    const { chars: _, lines: __, latency_ms: ___, trigger: ____, source: _____, ...common } = shown;
    const retained = { ...common, type: 'completion-retained', after_s: 30, edit_ratio: 0.25 };
    const looked = { ...retained, unresolved_identifiers: 0, unresolved_imports: 2 };
    expect(detailsOf(retained, looked, { ...looked, edit_ratio: 0 }, { ...looked, edit_ratio: 1 })).toEqual({
      accepted: [0, 1, 2, 3],
      rejected: [],
    });
    const wrong = [{ edit_ratio: 1.01 }, { edit_ratio: -0.01 }, { unresolved_imports: 0.5 }, { unresolved_import: 1 }];
    expect(
      detailsOf(...wrong.map((fields) => Object.assign({}, looked, fields))).rejected.map(({ detail }) => detail),
    ).toEqual([
      expect.stringMatching(/^edit_ratio: /),
      expect.stringMatching(/^edit_ratio: /),
      expect.stringMatching(/^unresolved_imports: /),
      'unresolved_import: unknown field; did you mean "unresolved_imports"?',
    ]);
  });

  it('drops fields that no event type has, so that source text cannot get in', () => {
    const result = parseTelemetryBatch({ events: [{ ...shown, document_text: 'const secret = 1' }] }, now);
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('has no field that could hold free text', () => {
    const free = TelemetryEvent.def.options.flatMap((option) =>
      Object.entries(option.shape)
        .filter(([, schema]) => schema.safeParse('if (user) { return user.name }').success)
        .map(([field]) => field),
    );
    expect(free).toEqual([]);
  });

  it('refuses what is no batch, and too many events, as a whole', () => {
    expect(parseTelemetryBatch({ event: [] }, now)).toMatchObject({
      ok: false,
      problem: { detail: 'event: unknown field; did you mean "events"?' },
    });
    expect(
      parseTelemetryBatch({ events: Array.from({ length: LIMITS.telemetryEvents + 1 }, () => shown) }, now),
    ).toMatchObject({
      ok: false,
      problem: { status: 413 },
    });
  });
});
