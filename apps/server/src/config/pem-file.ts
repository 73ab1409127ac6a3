import * as z from 'zod';

/** A certificate or key: always in a file, as programs that renew them write files. */
export const pemFile = (what: string) =>
  z
    .strictObject(
      { file: z.string().min(1).meta({ description: 'Path, relative to this file' }) },
      { error: 'must be a PEM file: { file: PATH }' },
    )
    .meta({ description: what });
