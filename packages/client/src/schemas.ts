/**
 * What others' words are checked against. Import it with `import()`, when there are some: to build schemas takes longer than
 * most of what a start of the editor needs, and no start needs them.
 */
export {
  ClientPolicy,
  CompletionResponse,
  Problem,
  RegionsResponse,
  TelemetryEvent,
  TelemetryReceipt,
  parseStreamEvent,
} from '@ghostline/protocol';
