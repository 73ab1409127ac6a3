import { describe, expect, it } from 'vitest';
import { formatRecording, parseRecording } from './recording.ts';

const OPEN = '{"t_ms":0,"kind":"open","path":"a.ts","language":"typescript","text":"const ghost = \'👻\';"}';

function problemOf(...lines: string[]): string {
  const parsed = parseRecording(lines.join('\n'));
  if (parsed.ok) throw new Error('expected a problem');
  return `${parsed.line}: ${parsed.detail}`;
}

describe('a recording', () => {
  it('is JSON lines, blank ones passed over, and comes back the same', () => {
    const lines = [
      OPEN,
      '{"t_ms":120,"kind":"edit","path":"a.ts","offset":6,"deleted":5,"inserted":"c"}',
      '{"t_ms":130,"kind":"cursor","path":"a.ts","offset":0}',
      '{"t_ms":140,"kind":"dismiss"}',
      '{"t_ms":150,"kind":"accept"}',
      '{"t_ms":150,"kind":"edit","path":"a.ts","offset":0,"deleted":0,"inserted":"export "}',
    ];
    const parsed = parseRecording(`${lines.join('\r\n')}\n\n`);
    expect(parsed.ok && formatRecording(parsed.recording)).toBe(`${lines.join('\n')}\n`);
  });

  it.each([
    [['{"t_ms":0'], '1: This is not JSON: a recording has one JSON object on each line.'],
    [['[]'], '1: This is not a JSON object: a recording has one on each line.'],
    [
      ['{"t_ms":0,"kind":"opne"}'],
      '1: "kind" must be one of open, edit, cursor, accept, dismiss; did you mean "open"?',
    ],
    [['{"kind":"dismiss"}'], '1: "t_ms" must be the milliseconds since the recording began.'],
    [['{"t_ms":-1,"kind":"dismiss"}'], '1: "t_ms" must be the milliseconds since the recording began.'],
    [['{"t_ms":0,"kind":"open","path":"a.ts","language":"typescript"}'], '1: "text" of open must be a string.'],
    [
      [OPEN, '{"t_ms":0,"kind":"cursor","path":"a.ts","offset":1.5}'],
      '2: "offset" of cursor must be a whole number of UTF-16 code units, 0 or more.',
    ],
    [
      [OPEN, '{"t_ms":5,"kind":"dismiss"}', '{"t_ms":4,"kind":"dismiss"}'],
      '3: "t_ms" goes back from 5 to 4: put the lines in the order of time.',
    ],
    [['{"t_ms":0,"kind":"dismiss"}'], '1: Nothing is open yet: begin with an "open".'],
    [[OPEN, '{"t_ms":0,"kind":"cursor","path":"b.ts","offset":0}'], '2: "b.ts" is not open: did you mean "a.ts"?'],
    [
      [OPEN, '{"t_ms":0,"kind":"cursor","path":"other/file.py","offset":0}'],
      '2: "other/file.py" is not open: put its "open" before this line.',
    ],
    [[OPEN, OPEN], '2: "a.ts" is open already: move to it with a "cursor".'],
    [
      [OPEN, '{"t_ms":0,"kind":"edit","path":"a.ts","offset":18,"deleted":2,"inserted":""}'],
      '2: Offset 20 is beyond the end of the document, which has 19 UTF-16 code units here.',
    ],
    [
      [OPEN, '{"t_ms":0,"kind":"edit","path":"a.ts","offset":16,"deleted":0,"inserted":"x"}'],
      '2: Offset 16 is inside of a surrogate pair: offsets count UTF-16 code units, but never cut a character.',
    ],
    [
      [OPEN, '{"t_ms":0,"kind":"edit","path":"a.ts","offset":0,"deleted":0,"inserted":""}'],
      '2: This edit changes nothing: leave it out.',
    ],
    [
      [OPEN, '{"t_ms":0,"kind":"accept"}', '{"t_ms":0,"kind":"dismiss"}'],
      '3: After an "accept" comes an "edit" that inserts the text that is wanted there.',
    ],
    [
      [OPEN, '{"t_ms":0,"kind":"accept"}'],
      '2: After an "accept" comes an "edit" that inserts the text that is wanted there.',
    ],
    [[''], '1: The recording is empty: begin with an "open".'],
  ])('%j is refused with its line and the fix', (lines, problem) => {
    expect(problemOf(...lines)).toBe(problem);
  });

  it('is checked against the documents as the edits leave them', () => {
    const grow = '{"t_ms":1,"kind":"edit","path":"a.ts","offset":19,"deleted":0,"inserted":"\\n"}';
    const atNewEnd = '{"t_ms":2,"kind":"cursor","path":"a.ts","offset":20}';
    expect(parseRecording([OPEN, grow, atNewEnd].join('\n')).ok).toBe(true);
    expect(problemOf(OPEN, atNewEnd)).toContain('2: Offset 20 is beyond the end');
  });
});
