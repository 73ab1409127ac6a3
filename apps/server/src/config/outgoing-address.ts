import { type AddressRules, addressRefusal } from '@ghostline/outgoing';
import * as z from 'zod';
import type { FieldPath } from './field-path.ts';
import type { Resolving } from './resolving.ts';

export const AllowPrivate = z.boolean().optional().meta({
  description: 'false: never connect to this machine or a private network, whatever the name resolves to; default true',
});

/** Throws when nobody may connect there. A name is looked up when a connection is made. */
export function checkAddress(url: string, field: FieldPath, rules: AddressRules, { mistake }: Resolving): void {
  const refusal = addressRefusal(new URL(url).hostname, rules);
  if (refusal !== undefined) throw mistake(field, refusal);
}
