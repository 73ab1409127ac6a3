import * as z from 'zod';
import type { FieldPath } from './field-path.ts';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

export const Secrets = z
  .strictObject({
    cacheKey: SecretReference.optional().meta({ description: 'Names and seals the answers in the cache' }),
    previousCacheKeys: z
      .array(SecretReference)
      .max(4)
      .optional()
      .meta({ description: 'Values of cacheKey from before a change; can go a day after it' }),
    idKey: SecretReference.optional().meta({
      description: 'Signs completion ids, so that telemetry cannot invent one',
    }),
  })
  .meta({ description: 'At least 32 bytes each; generated in dataDir, required when gateways share a Redis' });

export interface SecretsSettings {
  readonly cacheKey: string | undefined;
  readonly previousCacheKeys: readonly string[];
  readonly idKey: string | undefined;
}

/** `shared`: several gateways have to use the same ones. */
export function secretsSettings(
  secrets: z.infer<typeof Secrets> = {},
  shared: boolean,
  resolving: Resolving,
): SecretsSettings {
  const own = (field: 'cacheKey' | 'idKey', example: string) => {
    const reference = secrets[field];
    if (reference) return longSecret(reference, ['secrets', field], resolving);
    if (!shared) return undefined;
    const detail = `required when Redis is configured, as every gateway must use the same one; for example secrets: { ${field}: { env: ${example} } }`;
    throw resolving.mistake(['secrets', field], detail, ['redis']);
  };
  return {
    cacheKey: own('cacheKey', 'GHOSTLINE_CACHE_KEY'),
    previousCacheKeys: (secrets.previousCacheKeys ?? []).map((reference, index) =>
      longSecret(reference, ['secrets', 'previousCacheKeys', index], resolving),
    ),
    idKey: own('idKey', 'GHOSTLINE_ID_KEY'),
  };
}

function longSecret(reference: SecretReference, field: FieldPath, { secret, mistake }: Resolving): string {
  const value = secret(reference, field);
  if (value.length >= 32) return value;
  throw mistake(field, `${value.length} characters, at least 32 are needed; try: openssl rand -hex 32`);
}
