import type { ConfigSource } from '../config/index.ts';

/**
 * The fields of ghostline.yaml that differ, as an operator would point at them: `models.fast.endpoints.eu-a.maxConcurrent`.
 * Items of a list are told by their name, so that a new one changes itself only; a list whose order changed is named itself. A
 * secret that is another one behind the same reference counts. Values are never part of it.
 */
export function diffSources(before: ConfigSource, after: ConfigSource): string[] {
  const [old, now] = [flatten(before), flatten(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).toSorted();
}

/** Whether `path` is `field` or below it. */
export function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

function flatten({ file, secrets }: ConfigSource): Map<string, string> {
  const leaves = new Map<string, string>();
  const add = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      const names = value.map((item, index) => nameOf(item) ?? String(index));
      if (value.some((item) => nameOf(item) !== undefined)) leaves.set(path, names.join());
      for (const [index, item] of value.entries()) add(item, `${path}.${names[index]}`);
    } else if (typeof value === 'object' && value !== null) {
      // A table that is there says something, also when it is empty: auth: {}
      if (path !== '' && Object.keys(value).length === 0) leaves.set(path, '{}');
      for (const [key, item] of Object.entries(value)) add(item, path === '' ? key : `${path}.${key}`);
    } else if (value !== undefined) leaves.set(path, JSON.stringify(value));
  };
  add(file, '');
  for (const [field, value] of secrets) {
    const path = namedPath(file, field);
    // What a reference leads to, next to the reference.
    leaves.set(path, `${leaves.get(path) ?? ''}\n${value}`);
  }
  return leaves;
}

/** `models[0].endpoints[1].apiKey` → `models.fast.endpoints.eu-b.apiKey` */
function namedPath(file: unknown, field: string): string {
  let at = file;
  const parts: string[] = [];
  for (const part of field.split(/[.[\]]+/).filter(Boolean)) {
    at = (at as Record<string, unknown> | undefined)?.[part];
    parts.push(nameOf(at) ?? part);
  }
  return parts.join('.');
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { name, id, issuer } = item as Record<string, unknown>;
  const known = [name, id, issuer].find((each) => typeof each === 'string');
  return known as string | undefined;
}
