import * as z from 'zod/mini';
import { inEnglish } from './english.ts';
import type { Problem } from './problem-document.ts';
import { problem } from './problem.ts';

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: Problem };

/** Zod issue parameter that turns a 400 into a 413. */
export const TOO_LARGE = { tooLarge: true } as const;

/**
 * `value` checked against `schema`. Unknown fields are ignored, unless one looks like a typo of a known one: silently
 * dropping `sufix` would cost its author an afternoon.
 */
export function validate<T>(schema: z.core.$ZodType<T>, value: unknown): Parsed<T> {
  const typo = findTypo(schema, value);
  if (typo) return { ok: false, problem: problem('invalid-request', typo) };
  const result = z.safeParse(schema, value, { reportInput: true, error: inEnglish });
  if (result.success) return { ok: true, value: result.data };
  const tooLarge = result.error.issues.find((issue) => issue.code === 'custom' && issue.params?.['tooLarge']);
  if (tooLarge) return { ok: false, problem: problem('too-large', describeIssue(tooLarge)) };
  const details = result.error.issues.slice(0, 3).map(describeIssue);
  const more = result.error.issues.length - details.length;
  return {
    ok: false,
    problem: problem('invalid-request', details.join('; ') + (more > 0 ? `; and ${more} more` : '')),
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const field = fieldName(issue.path);
  const message = explain(issue);
  return field ? `${field}: ${message}` : message;
}

/** Never echoes a value: a misplaced one may be source code or a secret. */
function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return `required field is missing (expected ${issue.expected})`;
  const options = allowedValues(issue);
  if (!options) return issue.message;
  const { word, missing } = chosen(issue);
  const meant = word === undefined ? undefined : likelyMeant(word, options);
  if (meant) return `unknown value; did you mean "${meant}"?`;
  return `${missing ? 'required field is missing' : 'unknown value'}; expected one of ${options.join(', ')}`;
}

function allowedValues(issue: z.core.$ZodIssue): string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && 'options' in issue) return issue.options?.map(String);
  return undefined;
}

/** The word given where one of a few was expected; of a discriminated union, its discriminator. */
function chosen(issue: z.core.$ZodIssue): { word: string | undefined; missing: boolean } {
  const field = issue.code === 'invalid_union' && 'discriminator' in issue ? issue.discriminator : undefined;
  const value = field !== undefined && isRecord(issue.input) ? issue.input[field] : issue.input;
  return { word: typeof value === 'string' ? value : undefined, missing: value === undefined };
}

/** `snippets[2].text`, as a person would write it. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name ? `${name}.${String(key)}` : String(key)),
    '',
  );
}

/** By the kind of object: what each unknown name in it was probably meant for, for as many names as are looked at. */
export type UnknownNames = Map<z.core.$ZodObject, Map<string, string | undefined>>;

/**
 * How many different unknown names are compared with the known ones, for each kind of object. No schema here has more
 * than 20 fields, so that whoever sends the fields of a newer version besides typos has fewer than 64; comparing that
 * many takes half a millisecond, where the 28,000 that fit a body would hold up everybody for 200.
 */
const MAX_UNKNOWN_NAMES = 64;

/**
 * A sentence about the first unknown field that is a likely typo of a known one, with the fix. Give the same `names` for
 * values that come together, so that they are bounded together.
 */
export function findTypo(
  schema: z.core.$ZodType,
  value: unknown,
  names: UnknownNames = new Map(),
  path = '',
): string | undefined {
  const holds = namesIn(schema);
  switch (holds.kind) {
    case 'none':
      return undefined;
    case 'array': {
      if (!Array.isArray(value)) return undefined;
      for (let index = 0; index < Math.min(value.length, holds.maxLength); index++) {
        const typo = findTypo(holds.element, value[index], names, `${path}[${index}]`);
        if (typo) return typo;
      }
      return undefined;
    }
    case 'record':
      if (!isRecord(value)) return undefined;
      return firstDefined(Object.entries(value), ([key, item]) => findTypo(holds.values, item, names, join(path, key)));
    case 'object': {
      if (!isRecord(value)) return undefined;
      const { object, fields } = holds;
      const meantBy = names.get(object) ?? new Map<string, string | undefined>();
      names.set(object, meantBy);
      return firstDefined(Object.keys(value), (key) => {
        const field = fields.get(key);
        if (field === 'plain') return undefined;
        if (field) return findTypo(field, value[key], names, join(path, key));
        if (!meantBy.has(key) && meantBy.size < MAX_UNKNOWN_NAMES) meantBy.set(key, likelyMeant(key, fields.keys()));
        const meant = meantBy.get(key);
        return meant && `${join(path, key)}: unknown field; did you mean "${meant}"?`;
      });
    }
  }
}

/** Plain ones hold nothing that has names. */
type Field = z.core.$ZodType | 'plain';

/** Where the values of a schema have names of fields. */
type NamesIn =
  | { readonly kind: 'none' }
  | { readonly kind: 'array'; readonly element: z.core.$ZodType; readonly maxLength: number }
  | { readonly kind: 'record'; readonly values: z.core.$ZodType }
  | { readonly kind: 'object'; readonly object: z.core.$ZodObject; readonly fields: ReadonlyMap<string, Field> };

const knownNames = new WeakMap<z.core.$ZodType, NamesIn>();

/** Found out once: every request is of the same few kinds, and asking a schema what it is takes longer than a look at a value. */
function namesIn(schema: z.core.$ZodType): NamesIn {
  let known = knownNames.get(schema);
  if (!known) knownNames.set(schema, (known = lookForNames(unwrap(schema))));
  return known;
}

function lookForNames(schema: z.core.$ZodType): NamesIn {
  if (schema instanceof z.core.$ZodArray) {
    const { element } = schema._zod.def;
    return { kind: 'array', element, maxLength: maxLength(schema) };
  }
  if (schema instanceof z.core.$ZodRecord) return { kind: 'record', values: schema._zod.def.valueType };
  if (!(schema instanceof z.core.$ZodObject)) return { kind: 'none' };
  const shape: Record<string, z.core.$ZodType> = schema._zod.def.shape;
  const fields = new Map(
    Object.entries(shape).map(([key, field]): [string, Field] => [key, holdsNames(field) ? field : 'plain']),
  );
  return { kind: 'object', object: schema, fields };
}

function holdsNames(schema: z.core.$ZodType): boolean {
  const inner = unwrap(schema);
  if (inner instanceof z.core.$ZodArray) return holdsNames(inner._zod.def.element);
  return inner instanceof z.core.$ZodRecord || inner instanceof z.core.$ZodObject;
}

/** Longer arrays are refused for their length, whatever their other elements hold. */
function maxLength(array: z.core.$ZodArray): number {
  const limits = array._zod.def.checks?.flatMap((check) =>
    check instanceof z.core.$ZodCheckMaxLength ? check._zod.def.maximum : [],
  );
  return Math.min(...(limits ?? []));
}

/** The known word that `word` is probably a typo of: edit distance at most 2, and less than half of the known word. */
export function likelyMeant(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of known) {
    const limit = Math.min(bestDistance - 1, Math.ceil(candidate.length / 2) - 1);
    if (limit < 1 || Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Edit distance in UTF-16 units with swapped neighbours as one edit ("optimal string alignment", Damerau 1964): `prot` is one
 * slip from `port`. For field names, so quadratic time is fine.
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2]! + 1 : Infinity;
      row.push(Math.min(substituted, last[j]! + 1, row[j - 1]! + 1, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** Names of the fields that `schema` knows at `path`; of all its variants where it is a union. */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.core.$ZodUnion)
    return [...new Set(inner._zod.def.options.flatMap((option) => knownFields(option, path)))];
  const [key, ...rest] = path;
  if (inner instanceof z.core.$ZodArray)
    return typeof key === 'number' ? knownFields(inner._zod.def.element, rest) : [];
  if (!(inner instanceof z.core.$ZodObject)) return [];
  const shape: Record<string, z.core.$ZodType> = inner._zod.def.shape;
  if (key === undefined) return Object.keys(shape);
  const field = shape[String(key)];
  return field ? knownFields(field, rest) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (
    inner instanceof z.core.$ZodOptional ||
    inner instanceof z.core.$ZodDefault ||
    inner instanceof z.core.$ZodNullable ||
    inner instanceof z.core.$ZodPrefault
  ) {
    inner = inner._zod.def.innerType;
  }
  return inner;
}

function firstDefined<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}
