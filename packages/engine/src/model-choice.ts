import type { EngineModel } from './types.ts';

/** Which of the configured models answers, by what it may cost. */
export interface ModelChoice {
  readonly first: EngineModel;
  readonly cheapest: EngineModel;
  /** One that can answer in this process; the first model that can. */
  readonly embedded: EngineModel | undefined;
}

/** The first model answers unless money is short. */
export function chooseModels(models: readonly [EngineModel, ...EngineModel[]]): ModelChoice {
  const [first, ...others] = models;
  const cheapest = others.reduce((best, model) => (costOf(model) < costOf(best) ? model : best), first);
  return { first, cheapest, embedded: models.find(({ embedded }) => embedded === 'all' || embedded === 'some') };
}

/** A prompt is many times as long as its answer: prices weigh ten to one. */
function costOf({ price }: EngineModel): number {
  return price ? 10 * price.inputPerMillion + price.outputPerMillion : 0;
}
