import type { NgramRequest } from '@ghostline/ngram-model';

const LINE = 'rows.push(makeRow(table, columns));\n';
const BETWEEN = ['open', 'sort', 'print', 'close'].map((name) => `${name}(rows);\n`);

/** So much the same that any model goes on with it, and with time enough for a cold start on a busy machine. */
export const repetitiveRequest: NgramRequest = {
  prefix: `${BETWEEN.map((line) => LINE + line).join('')}rows.push(mak`,
  suffix: '',
  snippets: [],
  maxChars: 100,
  candidates: 1,
  singleLine: true,
  deadlineMs: 10_000,
};
export const repetitiveAnswer = 'eRow(table, columns));';
