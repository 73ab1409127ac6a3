/** A place in a file as people and compilers write it: `LINE` and `COL` count from 1, `COL` in UTF-16 code units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Splits `FILE:LINE:COL`; undefined when it is anything else. The file may contain colons, as `C:\a.ts` does. Fifteen
 * digits are exact as a number.
 */
export function parsePosition(argument: string): Position | undefined {
  const match = /^(.+):([1-9]\d{0,14}):([1-9]\d{0,14})$/s.exec(argument);
  if (!match) return undefined;
  return { file: match[1]!, line: Number(match[2]), column: Number(match[3]) };
}

export type Offset = { readonly ok: true; readonly offset: number } | { readonly ok: false; readonly detail: string };

/** The offset of a position into `text`, or why there is none. The column after the last character is the line's end. */
export function offsetOf(text: string, { file, line, column }: Position): Offset {
  const lines = text.split('\n');
  const content = lines[line - 1]?.replace(/\r$/, '');
  if (content === undefined) return { ok: false, detail: `${file} has ${count(lines.length, 'line')}, not ${line}.` };
  if (column > content.length + 1) {
    return {
      ok: false,
      detail: `Line ${line} of ${file} has ${count(content.length, 'character')}: the last column is ${content.length + 1}.`,
    };
  }
  const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  if (/[\uD800-\uDBFF]/.test(text.charAt(offset - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(offset))) {
    return { ok: false, detail: `Column ${column} of line ${line} is inside a character of two UTF-16 code units.` };
  }
  return { ok: true, offset };
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
