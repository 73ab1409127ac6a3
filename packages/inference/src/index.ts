export { attemptOrder, type Attemptable } from './attempt-order.ts';
export type { ContextOverflow } from './context-overflow.ts';
export { type EndpointTokenizerOptions, createEndpointTokenizer } from './endpoint-tokenizer.ts';
export * from './errors.ts';
export { createNgramEndpoint, type NgramEndpointOptions } from './ngram-endpoint.ts';
export { createOpenAiEndpoint, type OpenAiEndpointOptions } from './openai-endpoint.ts';
export { createParallelCandidates } from './parallel-candidates.ts';
export { createInference, type EndpointSlot, type InferenceOptions, type RunningInference } from './router.ts';
export type * from './types.ts';
