import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fieldName } from '@ghostline/protocol';
import { ConfigError } from './config-error.ts';
import type { Surroundings } from './environment.ts';
import type { FieldPath, Locate } from './field-path.ts';
import type { SecretReference } from './secret-reference.ts';

/** What the parts of the configuration are resolved with. */
export interface Resolving {
  /** The absolute path of one that the file gives. */
  path(given: string): string;
  /** Throws ConfigError when there is nothing where it leads. */
  secret(reference: SecretReference, field: FieldPath): string;
  /** To be thrown: the place of `field`, its name and `detail`. `place` is another one where the field itself is missing. */
  mistake(field: FieldPath, detail: string, place?: FieldPath): ConfigError;
  /** The secrets that were asked for, by the names of their fields. */
  readonly secrets: ReadonlyMap<string, string>;
}

export function createResolving(
  { configFile, at }: { readonly configFile: string | undefined; readonly at: Locate },
  { env, cwd }: Pick<Surroundings, 'env' | 'cwd'>,
): Resolving {
  const base = configFile === undefined ? cwd : path.dirname(configFile);
  const secrets = new Map<string, string>();
  const mistake = (field: FieldPath, detail: string, place = field) =>
    new ConfigError(`${at(place)}${fieldName(field)}: ${detail}`);

  function read(reference: SecretReference, field: FieldPath): string {
    if ('env' in reference) {
      const value = env[reference.env];
      if (!value) throw mistake(field, `the environment variable ${reference.env} is not set`);
      return value;
    }
    try {
      return readFileSync(path.resolve(base, reference.file), 'utf8').trim();
    } catch (error) {
      throw mistake(field, `${reference.file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  return {
    path: (given) => path.resolve(base, given),
    secret(reference, field) {
      const value = read(reference, field);
      secrets.set(fieldName(field), value);
      return value;
    },
    mistake,
    secrets,
  };
}
