import * as z from 'zod';

/** Secrets never stand in the file: it says where they are. */
export const SecretReference = z
  .union(
    [
      z.strictObject({ env: z.string().min(1).meta({ description: 'Name of an environment variable' }) }),
      z.strictObject({ file: z.string().min(1).meta({ description: 'Path, relative to this file' }) }),
    ],
    { error: 'must be a reference to a secret: { env: NAME } or { file: PATH }' },
  )
  .meta({ description: '{ env: NAME } or { file: PATH }, relative to this file' });
export type SecretReference = z.infer<typeof SecretReference>;
