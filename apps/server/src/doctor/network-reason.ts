import { reasonOf } from '../reason-of.ts';

/** Why nobody answered: `fetch` hides it in its cause. */
export function networkReasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  // What refuses an address itself says which, and why.
  return typeof code === 'string' && code !== 'ERR_ADDRESS_REFUSED' ? code : reasonOf(cause);
}
