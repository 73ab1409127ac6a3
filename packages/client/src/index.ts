export { type CompletionClientOptions, createCompletionClient } from './complete.ts';
export type { Unresolved } from './lifetime/lifetime.ts';
export { type OutboxOptions, createOutbox } from './outbox/outbox.ts';
export type { SetTimer } from './timer.ts';
export { TransportError } from './transport/error.ts';
export {
  type RegionStatus,
  type RegionalTransport,
  type RegionalTransportOptions,
  createRegionalTransport,
} from './regions/regional-transport.ts';
export { type HttpTransport, type HttpTransportOptions, createHttpTransport } from './transport/http.ts';
export type * from './trace/keystroke.ts';
export type * from './types.ts';
/** So that an editor without language ids of its own, such as the command line, says the same ones. */
export { languageOfPath } from '@ghostline/syntax';
/** So that an editor can have its code looked at with grammars: it says where their files are. */
export { type Syntax, createSyntax } from '@ghostline/syntax';
/** What an editor needs to find excerpts and to read ignore files as the rest of the project does. */
export { declarationAt } from './context/declarations.ts';
export { type IgnoreLevel, type IgnoreRules, isIgnoredBy, parseIgnoreFile } from '@ghostline/safety';
export type { Extract, IsIgnored } from './context/text-rules.ts';
