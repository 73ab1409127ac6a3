import { describe, expect, it } from 'vitest';
import { parseRetryAfter, statusError } from './status-error.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    ['2', 2_000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});

describe('a refusal', () => {
  const refusal = { name: 'gpu', body: '', retryAfterMs: undefined };

  it.each([
    [301, /the url that it redirects to/, false],
    [401, /is apiKey the right one\?/, false],
    [404, /often ends in \/v1/, false],
    [413, /contextTokens/, false],
    [429, /answered 429$/, true],
    [500, /answered 500$/, true],
  ])('of status %s says what to do', (status, message, retryable) => {
    expect(statusError({ ...refusal, status })).toMatchObject({
      failure: 'status',
      status,
      retryable,
      message: expect.stringMatching(message),
    });
  });

  it('names the kind of error, but never quotes its message', () => {
    const body = '{"error":{"type":"bad_request","message":"near let x = hunter2"}}';
    expect(statusError({ ...refusal, status: 500, body }).message).toBe('endpoint gpu answered 500: bad_request');
    for (const other of ['hunter2', '{"error":"hunter2"}', '{"error":{"type":"let x = hunter2"}}', '[]', 'null'])
      expect(statusError({ ...refusal, status: 500, body: other }).message).not.toContain('hunter2');
  });
});
