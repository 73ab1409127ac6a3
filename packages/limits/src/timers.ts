/** Runs `run` once after `ms`; returns what cancels it. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** Of the process; never a reason for it to stay. */
export const processTimer: SetTimer = (run, ms) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
