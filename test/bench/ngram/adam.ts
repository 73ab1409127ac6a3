/** Adam (Kingma and Ba, 2015) with its usual constants, over one vector of weights that decay towards 0. */
export function createAdam(weights: Float64Array, decay: number) {
  const gradient = new Float64Array(weights.length);
  const mean = new Float64Array(weights.length);
  const square = new Float64Array(weights.length);
  let steps = 0;
  return {
    /** The sum of gradients since the last step: to be added to. */
    gradient,
    step(rate: number, samples: number): void {
      steps += 1;
      for (let at = 0; at < weights.length; at += 1) {
        const slope = gradient[at]! / samples + decay * weights[at]!;
        mean[at] = 0.9 * mean[at]! + 0.1 * slope;
        square[at] = 0.999 * square[at]! + 0.001 * slope * slope;
        const direction = mean[at]! / (1 - 0.9 ** steps) / (Math.sqrt(square[at]! / (1 - 0.999 ** steps)) + 1e-8);
        weights[at]! -= rate * direction;
        gradient[at] = 0;
      }
    },
  };
}
