import type { EngineModel } from '../types.ts';

export interface ContextLimits {
  /** `model` with the context that its endpoints have turned out to have; the same object as long as that is enough. */
  of(model: EngineModel): EngineModel;
  /** An endpoint of `model` reads only so many tokens. */
  learn(model: EngineModel, contextTokens: number): void;
}

/** A server that was started with too small a context is started again some day: then the configuration counts again. */
const REMEMBERED_MS = 600_000;

/** What servers say of their context when they refuse a prompt, remembered for a while. */
export function createContextLimits(now: () => number): ContextLimits {
  const limits = new Map<string, { readonly model: EngineModel; readonly until: number }>();
  return {
    of(model) {
      if (limits.size === 0) return model;
      const limit = limits.get(model.name);
      if (!limit) return model;
      if (now() < limit.until && limit.model.contextTokens < model.contextTokens) return limit.model;
      limits.delete(model.name);
      return model;
    },
    learn(model, contextTokens) {
      if (contextTokens >= model.contextTokens) return;
      limits.set(model.name, { model: { ...model, contextTokens }, until: now() + REMEMBERED_MS });
    },
  };
}
