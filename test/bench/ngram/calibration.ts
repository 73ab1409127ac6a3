/** Whether what says 0.8 is right 8 times in 10. */

export interface Judgement {
  readonly confidence: number;
  readonly isRight: boolean;
}

export interface Bin {
  /** Mean confidence of those in the bin, and the share of them that is right. */
  readonly said: number;
  readonly right: number;
  readonly count: number;
}

/** Ten bins of equal width, without those that are empty. */
export function calibrationBins(judgements: readonly Judgement[]): readonly Bin[] {
  const bins = Map.groupBy(judgements, ({ confidence }) => Math.min(9, Math.floor(confidence * 10)));
  return [...bins]
    .toSorted(([a], [b]) => a - b)
    .map(([, own]) => ({
      said: own.reduce((sum, { confidence }) => sum + confidence, 0) / own.length,
      right: own.filter(({ isRight }) => isRight).length / own.length,
      count: own.length,
    }));
}

/** Expected calibration error (Naeini, Cooper and Hauskrecht, 2015): the mean distance of the bins, by their size. */
export function calibrationError(bins: readonly Bin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce((sum, { said, right, count }) => sum + (count / total) * Math.abs(said - right), 0);
}

const SIZE = 400;
const MARGIN = 44;

/** The plot: the diagonal is perfect, the area of a dot is the size of its bin. */
export function calibrationPlot(bins: readonly Bin[], title: string): string {
  const most = Math.max(...bins.map(({ count }) => count));
  const x = (value: number) => (MARGIN + value * SIZE).toFixed(1);
  const y = (value: number) => (MARGIN + (1 - value) * SIZE).toFixed(1);
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (value) =>
      `<path d="M${x(value)} ${y(0)}V${y(1)}M${x(0)} ${y(value)}H${x(1)}" stroke="#ddd"/>` +
      `<text x="${x(value)}" y="${SIZE + MARGIN + 16}" text-anchor="middle">${value}</text>` +
      `<text x="${MARGIN - 6}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${value}</text>`,
  );
  const dots = bins.map(
    ({ said, right, count }) =>
      `<circle cx="${x(said)}" cy="${y(right)}" r="${(4 + 14 * Math.sqrt(count / most)).toFixed(1)}" fill="#3b6fd4" ` +
      `fill-opacity=".7"><title>said ${said.toFixed(2)}, right ${right.toFixed(2)}, ${count} suggestions</title></circle>`,
  );
  const side = SIZE + 2 * MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" font-family="sans-serif" font-size="12">` +
    `<rect width="${side}" height="${side}" fill="#fff"/>${ticks.join('')}` +
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#888" stroke-dasharray="4"/>${dots.join('')}` +
    `<text x="${side / 2}" y="22" text-anchor="middle" font-size="14">${title}</text>` +
    `<text x="${side / 2}" y="${side - 8}" text-anchor="middle">confidence said</text>` +
    `<text transform="translate(12 ${side / 2}) rotate(-90)" text-anchor="middle">share that was right</text></svg>\n`
  );
}
