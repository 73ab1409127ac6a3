export interface PricedModel {
  readonly name: string;
  /** In the operator's currency per million tokens; absent: it costs nothing. */
  readonly price?: { readonly inputPerMillion: number; readonly outputPerMillion: number } | undefined;
  /** Endpoints that cost nothing whatever the price of the model, as they run in this process. */
  readonly freeEndpoints: readonly string[];
}

export interface Usage {
  readonly model: string;
  readonly endpoint: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Money in whole millionths of the operator's currency, rounded up so that nothing used is free by rounding. */
export interface PriceList {
  costOf(usage: Usage): number;
  /** By the dearest model, as it is not known yet which one will answer. */
  estimate(promptTokens: number, completionTokens: number): number;
}

/** A price per million tokens is a number of millionths per token. */
export function createPriceList(models: readonly PricedModel[]): PriceList {
  const byName = new Map(models.map((model) => [model.name, model]));
  const input = Math.max(0, ...models.map(({ price }) => price?.inputPerMillion ?? 0));
  const output = Math.max(0, ...models.map(({ price }) => price?.outputPerMillion ?? 0));
  return {
    costOf({ model, endpoint, promptTokens, completionTokens }) {
      const known = byName.get(model);
      if (!known?.price || known.freeEndpoints.includes(endpoint)) return 0;
      return Math.ceil(promptTokens * known.price.inputPerMillion + completionTokens * known.price.outputPerMillion);
    },
    estimate: (promptTokens, completionTokens) => Math.ceil(promptTokens * input + completionTokens * output),
  };
}
