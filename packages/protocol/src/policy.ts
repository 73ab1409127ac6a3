import * as z from 'zod';
import { LanguageId } from './completion.ts';

export const POLICY_PATH = '/v1/policy';

/** What the organisation wants of every client. A client keeps to it by itself: what it must not send never leaves it. */
export const ClientPolicy = z
  .object({
    excluded_paths: z
      .array(z.string().min(1).max(1024))
      .max(10_000)
      .meta({ description: 'Patterns as in .gitignore: the text of these files stays in the editor, as context, too' }),
    excluded_languages: z.array(LanguageId).max(1_000).optional().meta({
      description: 'VS Code language ids: files in these languages get no completions and stay in the editor',
    }),
  })
  .meta({ id: 'ClientPolicy' });
export type ClientPolicy = z.infer<typeof ClientPolicy>;
