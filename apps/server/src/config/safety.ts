import { LanguageId } from '@ghostline/protocol';
import { PatternError, createPatternMatcher } from '@ghostline/safety/patterns';
import * as z from 'zod';

const BlockedPattern = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1–64 letters, digits, ".", "_" or "-"')
      .meta({ description: 'Shown in metrics, in place of what was found' }),
    pattern: z.string().min(1).max(2_000).optional().meta({
      description:
        'A regular expression without backreferences and lookarounds, found anywhere in an answer; ^ and $ are the ends of a line',
    }),
    literals: z.array(z.string().min(3).max(200)).min(1).max(10_000).optional().meta({
      description: 'Or a list of texts, such as names of internal hosts; a long one costs no more than a short one',
    }),
    ignoreCase: z.boolean().optional().meta({ description: 'Default: false' }),
  })
  .superRefine((blocked, context) => {
    if ((blocked.pattern === undefined) === (blocked.literals === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs one of pattern and literals' });
      return;
    }
    try {
      createPatternMatcher([blocked]);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const field = blocked.pattern === undefined ? 'literals' : 'pattern';
      context.addIssue({ code: 'custom', path: [field], message: error.message });
    }
  });

const rules = {
  excludedPaths: z.array(z.string().min(1).max(1024)).max(5_000).optional().meta({
    description:
      'Patterns as in .gitignore of files that no model is shown, besides the built-in ones for files that hold secrets',
  }),
  excludedLanguages: z
    .array(LanguageId)
    .max(100)
    .optional()
    .meta({ description: 'VS Code language ids that get no completions, and whose files no model is shown' }),
  blockedPatterns: z
    .array(BlockedPattern)
    .max(100)
    .optional()
    .meta({ description: 'What answers must not contain: an answer ends before the line with it' }),
};

export const Safety = z
  .strictObject({
    ...rules,
    organisations: z
      .record(z.string().min(1).max(64), z.strictObject(rules))
      .optional()
      .meta({ description: 'What is added for the organisation of that name' }),
  })
  .meta({ description: 'What is kept from models, and out of answers; see docs/safety.md' });
