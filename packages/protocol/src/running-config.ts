import * as z from 'zod/mini';
import { documented } from './documented.ts';

/** The configuration of a server that runs, as far as whoever asks may see it. */
export const RunningConfig = documented(
  z.object({
    loaded_at: z.iso.datetime(),
    needs_restart: documented(z.array(z.string()), {
      description: 'Fields that changed in the file and wait for a restart',
    }),
    refused: documented(z.nullable(z.string()), {
      description: 'Why the last change of the file was not taken over',
    }),
    settings: documented(z.record(z.string(), z.unknown()), {
      description: 'What is in force, without secrets and without what is about other organisations',
    }),
  }),
  { id: 'RunningConfig' },
);
export type RunningConfig = z.infer<typeof RunningConfig>;
