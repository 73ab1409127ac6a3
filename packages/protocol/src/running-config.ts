import * as z from 'zod';
import { ADMIN_API_PATH } from './reports.ts';

export const CONFIG_PATH = `${ADMIN_API_PATH}/config`;

/** The configuration of a server that runs, as far as whoever asks may see it. */
export const RunningConfig = z
  .object({
    loaded_at: z.iso.datetime(),
    needs_restart: z.array(z.string()).meta({ description: 'Fields that changed in the file and wait for a restart' }),
    refused: z.string().nullable().meta({ description: 'Why the last change of the file was not taken over' }),
    settings: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What is in force, without secrets and without what is about other organisations' }),
  })
  .meta({ id: 'RunningConfig' });
export type RunningConfig = z.infer<typeof RunningConfig>;
