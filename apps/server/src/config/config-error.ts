/** A start-up error whose message is meant for the operator: where, what, and the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
