import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { CompletionRequest } from './completion.ts';
import { TelemetryEvent } from './telemetry.ts';

describe('what the server checks all day', () => {
  it.each([
    ['a completion request', CompletionRequest],
    ['an event of telemetry', TelemetryEvent],
  ])('can be compiled whole, and is not checked in the slow way without a word: %s', (_, schema) => {
    expect(z.compile<z.core.$ZodType>(schema, { strict: true })).not.toBe(schema);
  });
});
