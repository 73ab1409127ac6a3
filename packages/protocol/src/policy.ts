import * as z from 'zod/mini';
import { LanguageId } from './completion.ts';
import { documented } from './documented.ts';

/** What the organisation wants of every client. A client keeps to it by itself: what it must not send never leaves it. */
export const ClientPolicy = documented(
  z.object({
    excluded_paths: documented(
      z.array(z.string().check(z.minLength(1), z.maxLength(1024))).check(z.maxLength(10_000)),
      { description: 'Patterns as in .gitignore: the text of these files stays in the editor, as context, too' },
    ),
    excluded_languages: documented(z.optional(z.array(LanguageId).check(z.maxLength(1_000))), {
      description: 'VS Code language ids: files in these languages get no completions and stay in the editor',
    }),
  }),
  { id: 'ClientPolicy' },
);
export type ClientPolicy = z.infer<typeof ClientPolicy>;
