/** What differs between two lists of lines, without what they share at both ends; `above` lines are shared before it. */
export function changedWithin(
  before: readonly string[],
  after: readonly string[],
): { readonly above: number; readonly before: readonly string[]; readonly after: readonly string[] } {
  const limit = Math.min(before.length, after.length);
  let above = 0;
  while (above < limit && before[above] === after[above]) above += 1;
  let below = 0;
  while (below < limit - above && before.at(-1 - below) === after.at(-1 - below)) below += 1;
  return {
    above,
    before: before.slice(above, before.length - below),
    after: after.slice(above, after.length - below),
  };
}
