export { type CompletionClientOptions, createCompletionClient } from './complete.ts';
export { type OutboxOptions, createOutbox } from './outbox/outbox.ts';
export type { SetTimer } from './timer.ts';
export { TransportError } from './transport/error.ts';
export { type HttpTransportOptions, createHttpTransport } from './transport/http.ts';
export type * from './types.ts';
/** So that an editor without language ids of its own, such as the command line, says the same ones. */
export { languageOfPath } from '@ghostline/syntax';
