/** Money is counted in whole millionths of the operator's currency. */
export const MICRO = 1_000_000;
