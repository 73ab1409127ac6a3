import type { Unresolved } from '@ghostline/client';
import { UNRESOLVED_CODES } from './unresolved-codes.ts';

/** A diagnostic as plain data; offsets are into the text of its document with LF. */
export interface DiagnosticPlace {
  readonly start: number;
  readonly end: number;
  readonly source: string | undefined;
  readonly code: string | number | { readonly value: string | number } | undefined;
}

type Kind = keyof Unresolved;

const KINDS = new Map<string, Kind>(
  UNRESOLVED_CODES.flatMap(({ sources, identifiers, imports }) =>
    sources.flatMap((source) => [
      ...identifiers.map((code) => [`${source} ${code}`, 'identifiers'] as const),
      ...imports.map((code) => [`${source} ${code}`, 'imports'] as const),
    ]),
  ),
);

/** What a diagnostic says does not resolve; undefined for any other. */
export function kindOf({ source, code }: Pick<DiagnosticPlace, 'source' | 'code'>): Kind | undefined {
  if (source === undefined || code === undefined) return undefined;
  return KINDS.get(`${source} ${typeof code === 'object' ? code.value : code}`);
}

/** How many places in `range` do not resolve: each once, however many servers say so of it. */
export function countUnresolved(
  diagnostics: Iterable<DiagnosticPlace>,
  range: { readonly start: number; readonly end: number },
): Unresolved {
  const places = { identifiers: new Set<string>(), imports: new Set<string>() };
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic;
    if (start < range.start || end > range.end) continue;
    const kind = kindOf(diagnostic);
    if (kind) places[kind].add(`${start} ${end}`);
  }
  const { identifiers, imports } = places;
  return { identifiers: identifiers.size, imports: imports.size };
}
