import * as z from 'zod/mini';

/** `schema` with what the OpenAPI document says of it. A copy: the same schema may mean something else in another field. */
export function documented<Schema extends z.ZodMiniType>(schema: Schema, meta: z.core.GlobalMeta): Schema {
  const copy = schema.clone();
  z.globalRegistry.add(copy, meta);
  return copy;
}
