import * as z from 'zod';
import { httpUrl } from './fields.ts';
import { AllowPrivate, checkAddress } from './outgoing-address.ts';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

export const Tracing = z
  .strictObject({
    otlp: httpUrl.meta({ description: 'OpenTelemetry receiver (OTLP over HTTP), such as http://collector:4318' }),
    allowPrivate: AllowPrivate,
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'Share of the requests that begin a trace here; default 0.01' }),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'must be a header name'), SecretReference)
      .optional()
      .meta({ description: 'Headers for the receiver, such as authorization' }),
    users: z.boolean().optional().meta({ description: 'Put user, team and organisation into traces; default false' }),
  })
  .meta({ description: 'OpenTelemetry traces of completions; absent: off' });

export interface TracingSettings {
  readonly url: string;
  readonly allowPrivate: boolean;
  /** 0–1. */
  readonly sampleRatio: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly users: boolean;
}

/** Undefined: nothing is traced. */
export function tracingSettings(
  tracing: z.infer<typeof Tracing> | undefined,
  resolving: Resolving,
): TracingSettings | undefined {
  if (!tracing) return undefined;
  const { otlp, allowPrivate = true, sampleRatio = 0.01, headers = {}, users = false } = tracing;
  checkAddress(otlp, ['tracing', 'otlp'], { allowPrivate }, resolving);
  const read = Object.entries(headers).map(([header, reference]) => [
    header,
    resolving.secret(reference, ['tracing', 'headers', header]),
  ]);
  return { url: otlp, allowPrivate, sampleRatio, headers: Object.fromEntries(read) as Record<string, string>, users };
}
