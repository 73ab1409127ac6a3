const LINE = 'rows.push(makeRow(table, columns));\n';
const BETWEEN = ['open', 'sort', 'print', 'close'].map((name) => `${name}(rows);\n`);

/** Says the same again and again, with something of its own in between, and is about to do so once more. */
export const REPETITIVE = `${BETWEEN.map((line) => LINE + line).join('')}rows.push(`;
/** What is typed then, what is suggested, and what the file is with both. */
export const TYPED = 'mak';
export const SUGGESTED = 'eRow(table, columns));';
export const COMPLETE = REPETITIVE + TYPED + SUGGESTED;
