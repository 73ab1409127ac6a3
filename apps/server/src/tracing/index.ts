export { markStage, traceRequests } from './trace-requests.ts';
export type { Stage } from './spans.ts';
export { type RequestTrace, type Tracing, type TracingOptions, createTracing } from './tracing.ts';
