import * as z from 'zod';
import { type Surroundings, toldByParent } from './environment.ts';
import { httpUrl, name } from './fields.ts';
import { AllowPrivate, checkAddress } from './outgoing-address.ts';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

export const Analytics = z
  .strictObject({
    url: httpUrl.meta({ description: 'Its HTTP interface, such as http://clickhouse:8123' }),
    allowPrivate: AllowPrivate,
    database: name('Database; default: default').optional(),
    username: z.string().optional().meta({ description: 'Default: default' }),
    password: SecretReference.optional().meta({ description: 'Default: none' }),
  })
  .meta({ description: 'A ClickHouse server; absent: embedded' });

export type AnalyticsSettings =
  | { readonly kind: 'embedded'; readonly childToken: string | undefined; readonly childPort: number }
  | {
      readonly kind: 'clickhouse';
      readonly url: string;
      readonly allowPrivate: boolean;
      readonly database: string;
      readonly username: string;
      readonly password: string;
    };

export function analyticsSettings(
  analytics: z.infer<typeof Analytics> | undefined,
  env: Surroundings['env'],
  resolving: Resolving,
): AnalyticsSettings {
  if (!analytics) return { kind: 'embedded', ...toldByParent(env) };
  const { url, allowPrivate = true, database = 'default', username = 'default', password } = analytics;
  checkAddress(url, ['analytics', 'url'], { allowPrivate }, resolving);
  return {
    kind: 'clickhouse',
    url,
    allowPrivate,
    database,
    username,
    password: password ? resolving.secret(password, ['analytics', 'password']) : '',
  };
}
