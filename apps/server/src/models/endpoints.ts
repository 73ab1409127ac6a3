import type { Endpoint, EndpointSlot } from '@ghostline/inference';
import type { ModelSettings } from '../config/index.ts';

export type BuildEndpoint = (model: ModelSettings, endpoint: ModelSettings['endpoints'][number]) => Endpoint;

/** The endpoints of each model, as the router takes them: what is configured as before stays the same, with its connections. */
export function createEndpoints(build: BuildEndpoint) {
  let built = new Map<string, Endpoint>();
  return (models: readonly ModelSettings[]): { name: string; endpoints: EndpointSlot[] }[] => {
    const next = new Map<string, Endpoint>();
    const wanted = models.map((model) => ({
      name: model.name,
      endpoints: model.endpoints.map((settings) => {
        const { endpoints: _others, ...own } = model;
        const { maxConcurrent, ...connection } = settings;
        const key = JSON.stringify([own, connection]);
        const endpoint = built.get(key) ?? build(model, settings);
        next.set(key, endpoint);
        return { endpoint, maxConcurrent };
      }),
    }));
    built = next;
    return wanted;
  };
}
