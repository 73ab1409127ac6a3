import * as z from 'zod';

export const name = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1–64 letters, digits, ".", "_" or "-"')
    .meta({ description: what });

/** Refuses a list in which two items have the same `field`: one of them would be there in vain. */
export function unique<Field extends string>(field: Field) {
  return (items: readonly Record<Field, unknown>[], context: z.RefinementCtx) => {
    const seen = new Map<unknown, number>();
    for (const [index, { [field]: value }] of items.entries()) {
      const first = seen.get(value);
      if (first === undefined) seen.set(value, index);
      else
        context.addIssue({
          code: 'custom',
          path: [index, field],
          message: `the same as that of item ${first}; each needs its own`,
        });
    }
  };
}

export const httpUrl = z
  .string({ error: 'must be a URL such as http://127.0.0.1:8000/v1' })
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'must be a http:// or https:// URL')
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    'must not contain a user name or password; use apiKey: { env: NAME }',
  );
