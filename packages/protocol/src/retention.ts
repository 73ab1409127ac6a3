/** When what is left of an accepted text is looked at, in seconds after its acceptance. */
export const RETENTION_S = [15, 30, 120, 300, 600] as const;
