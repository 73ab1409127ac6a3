import type { SetTimer } from '@ghostline/client';

/** `setTimeout` whose result cancels it. */
export const realTimer: SetTimer = (work, ms) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};
