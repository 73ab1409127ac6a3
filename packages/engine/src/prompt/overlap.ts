/** The lines of a text that tell it from others. */
export interface Lines {
  readonly all: ReadonlySet<string>;
  readonly chars: number;
}

/** Shorter ones stand in every file: braces, `return;`, `else {`. */
const MIN_LINE_CHARS = 12;
/** A snippet whose text stands elsewhere up to an edited line says nothing new. */
const CONTAINED = 0.8;

export function linesOf(text: string): Lines {
  const all = new Set<string>();
  let chars = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.length < MIN_LINE_CHARS || all.has(trimmed)) continue;
    all.add(trimmed);
    chars += trimmed.length;
  }
  return { all, chars };
}

/** Whether most of `part`, by the length of its telling lines, stands in `wholes` together. */
export function isContained(part: Lines, wholes: readonly Lines[]): boolean {
  if (part.chars === 0) return false;
  let missing = part.chars * (1 - CONTAINED);
  for (const line of part.all) {
    if (wholes.some(({ all }) => all.has(line))) continue;
    missing -= line.length;
    if (missing < 0) return false;
  }
  return true;
}
