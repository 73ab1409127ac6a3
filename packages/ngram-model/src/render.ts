import type { Prediction } from './predict.ts';
import type { Cursor, Stream } from './stream.ts';
import { Kind } from './vocabulary.ts';

/** Text as it grows token by token; `indent` is that of the line it stands on. */
export interface Written {
  readonly text: string;
  readonly indent: string;
}

export function write(
  written: Written,
  next: Pick<Prediction, 'id' | 'space'>,
  isFirst: boolean,
  stream: Stream,
): Written {
  const { vocabulary, cursor } = stream;
  const { text, indent } = written;
  if (vocabulary.kind(next.id) === Kind.lineBreak) {
    const { blankLines, columns } = vocabulary.lineBreak(next.id);
    const deeper = shift(indent, columns, cursor);
    return { text: text + cursor.lineBreak.repeat(1 + blankLines) + deeper, indent: deeper };
  }
  const token = vocabulary.text(next.id);
  if (!isFirst) return { text: text + next.space + token, indent };
  if (cursor.partial !== '') return { text: token.slice(cursor.partial.length), indent };
  if (cursor.atLineStart) return { text: token, indent };
  const space = next.space.startsWith(cursor.space) ? next.space.slice(cursor.space.length) : '';
  return { text: space + token, indent };
}

/** An indentation that stands so many columns deeper, or less deep, in the style of the one it comes from. */
function shift(indent: string, columns: number, { unit, usesTabs }: Cursor): string {
  if (columns > 0)
    return (
      indent + (usesTabs ? '\t'.repeat(Math.floor(columns / unit)) + ' '.repeat(columns % unit) : ' '.repeat(columns))
    );
  let end = indent.length;
  for (let left = -columns; left > 0 && end > 0; end -= 1) left -= indent[end - 1] === '\t' ? unit : 1;
  return indent.slice(0, end);
}
