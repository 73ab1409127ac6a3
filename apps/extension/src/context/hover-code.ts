/** The first block of code in the markdown of a hover: a signature, as language servers write it. */
export function hoverCode(markdown: string, limit: number): string | undefined {
  const block = /^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n[ \t]*\1/m.exec(markdown);
  const code = block?.[2]?.trim();
  return code === undefined || code === '' || code.length > limit ? undefined : code;
}
