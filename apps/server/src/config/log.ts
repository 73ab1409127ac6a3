import * as z from 'zod';

export const Log = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error'])
      .optional()
      .meta({ description: 'Default info; debug adds a line for each completion' }),
  })
  .meta({ description: 'JSON lines on stderr; never source code' });
