/** Runs `run` once after `ms` milliseconds; what it returns cancels that. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** Of the process; never a reason for it to stay. */
export const backgroundTimer: SetTimer = (run, ms) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
