import { config } from 'zod/mini';
import { applyTheme } from './theme/theme.ts';

/** What must precede the first paint and the first schema. The rest of a page is imported after it. */
export function beforeAnything(): void {
  applyTheme();
  // zod would compile its parsers with `new Function`, which `default-src 'self'` forbids and the console reports.
  config({ jitless: true });
}
