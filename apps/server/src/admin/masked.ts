/** Fields whose values say something about a secret, whatever they hold. */
const TELLING = /secret|password|token$|apikey|sha256|cachekey|idkey/i;

export interface MaskOptions {
  /** Values that came from a reference; also where they are a part of something, such as a URL. */
  readonly secrets: readonly string[];
  /** The organisation that reads it: of lists and tables by organisation it gets its own entries. */
  readonly org: string;
}

/** `value` as plain JSON that an admin may read: secrets are `"…"`, and what is about other organisations is left out. */
export function masked(value: unknown, options: MaskOptions): unknown {
  const { secrets, org } = options;
  if (typeof value === 'string') return secrets.some((secret) => value.includes(secret)) ? '…' : withoutPassword(value);
  if (value instanceof Set) return masked([...value], options);
  if (value instanceof Map) return masked(Object.fromEntries(value), options);
  if (Array.isArray(value))
    return value
      .filter((item) => orgOf(item) === undefined || orgOf(item) === org)
      .map((item) => masked(item, options));
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (item === undefined || item === null) return [key, item];
      if (TELLING.test(key)) return [key, hidden(item)];
      if (key === 'organisations' && typeof item === 'object' && !Array.isArray(item))
        return [key, masked(Object.fromEntries(Object.entries(item).filter(([name]) => name === org)), options)];
      return [key, masked(item, options)];
    }),
  );
}

/** Of a table of secrets, its fields are told: which are set is what an admin wants to know. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== 'object' || value === null) return '…';
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === undefined ? undefined : hidden(item)]),
  );
}

function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1…@');
}

function orgOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('org' in item)) return undefined;
  return typeof item.org === 'string' ? item.org : undefined;
}
