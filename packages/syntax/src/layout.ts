/** Columns of leading white space; a tab counts four (VS Code's default), which only matters where both are mixed. */
export function indentOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') columns += 1;
    else if (char === '\t') columns += 4;
    else break;
  }
  return columns;
}

/** The text after the last line break. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** The first line with anything on it that starts after the line `text` begins with. */
export function nextFilledLine(text: string): string | undefined {
  let start = text.indexOf('\n') + 1;
  while (start > 0) {
    const end = text.indexOf('\n', start);
    const line = end < 0 ? text.slice(start) : text.slice(start, end);
    if (line.trim() !== '') return line;
    start = end + 1;
  }
  return undefined;
}
