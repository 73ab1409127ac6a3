const LINE = 'rows.push(makeRow(table, columns));\n';

/** Says the same again and again, and is about to do so once more: any local model goes on with it. */
export const REPETITIVE = `${LINE.repeat(6)}rows.push(`;
/** What is typed then, what is suggested, and what the file is with both. */
export const TYPED = 'mak';
export const SUGGESTED = 'eRow(table, columns));';
export const COMPLETE = REPETITIVE + TYPED + SUGGESTED;
