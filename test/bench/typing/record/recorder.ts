import type { RecordedEvent } from '@ghostline/client/replay';
import type { Typist } from './typist.ts';

export interface Keyboard {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  readonly typist: Typist;
  /** Of each line, how often the rest of it is left to a suggestion once its beginning is typed. */
  readonly acceptMarks: number;
}

/** An editor with somebody at it, who leaves a recording. */
export interface Recorder {
  readonly events: readonly RecordedEvent[];
  readonly text: string;
  /** Changes of the document by single keys so far. */
  readonly keys: number;
  goTo(offset: number): void;
  /** Replaces the text between two offsets by `wanted`, with as few keys as a person would: what is common at both ends stays. */
  rewrite(start: number, end: number, wanted: string): void;
  /** Types `wanted` at `offset`, with everything that the editor does by itself. */
  write(offset: number, wanted: string): void;
  paste(offset: number, wanted: string): void;
  /** Selects and deletes. */
  remove(start: number, end: number): void;
}

const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '"': '"', "'": "'", '`': '`' };
/** VS Code closes a bracket only before these, `editor.autoClosingBrackets: languageDefined`. */
const CLOSES_BEFORE = /^(?:[;:.,=}\])>\s`]|$)/;
/** Prose is not closed. */
const NO_AUTO_CLOSE = new Set(['markdown', 'plaintext']);
/** Shorter stretches go key by key. */
const SELECTED_FROM = 9;

export function createRecorder({ path, language, text: initial, typist, acceptMarks }: Keyboard): Recorder {
  const events: RecordedEvent[] = [{ t_ms: 0, kind: 'open', path, language, text: initial }];
  const closesItself = !NO_AUTO_CLOSE.has(language);
  const unit = indentUnit(initial);
  let text = initial;
  let cursor = 0;
  let time = 500;
  let keys = 0;
  /** What the editor has put after the cursor by itself, as it stands there now. */
  let pending = '';
  let before = '\n';

  function edit(offset: number, deleted: number, inserted: string, cursorAfter = offset + inserted.length): void {
    text = text.slice(0, offset) + inserted + text.slice(offset + deleted);
    events.push({ t_ms: time, kind: 'edit', path, offset, deleted, inserted });
    keys += 1;
    cursor = offset + inserted.length;
    before = inserted.at(-1) ?? before;
    if (cursorAfter !== cursor) place(cursorAfter);
  }
  function place(offset: number): void {
    events.push({ t_ms: time, kind: 'cursor', path, offset });
    cursor = offset;
  }
  function wait(ms: number): void {
    time += Math.max(20, Math.round(ms));
  }
  function goTo(offset: number): void {
    if (cursor === offset && events.length > 1) return;
    wait(typist.navigation());
    place(offset);
    before = '\n';
  }

  /** One character, as the editor takes it. */
  function key(char: string, next: string): void {
    if (pending.startsWith(char) && CLOSERS.includes(char)) {
      edit(cursor, 1, char);
      pending = pending.slice(1);
      return;
    }
    const closer = closesItself ? CLOSER[char] : undefined;
    const rest = text.slice(cursor);
    const isQuote = closer === char;
    const opens = closer !== undefined && CLOSES_BEFORE.test(rest) && !(isQuote && !startsString(char));
    if (opens && next !== undefined) {
      edit(cursor, 0, char + closer, cursor + 1);
      pending = closer + pending;
      return;
    }
    edit(cursor, 0, char);
  }
  function startsString(quote: string): boolean {
    const line = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor);
    return line.split(quote).length % 2 === 1 && !/[\p{L}\d_'"`\\]$/u.test(line);
  }

  /** Enter, and then whatever brings the cursor to `indent`. `closes`: the line begins with a closing bracket. */
  function lineBreak(indent: string | undefined, closer: string): void {
    const lineStart = text.lastIndexOf('\n', cursor - 1) + 1;
    const line = text.slice(lineStart, cursor);
    const own = /^[ \t]*/.exec(line)![0];
    const isBlank = line.trim() === '' && line !== '';
    const deeper = /[{([]\s*$/.test(line) || (language === 'python' && /:\s*$/.test(line)) ? own + unit : own;
    const isBetween = pending !== '' && /[{([]$/.test(line) && pending[0] === CLOSER[line.at(-1)!];
    wait(typist.interval(before, '\n'));
    if (isBetween) {
      edit(cursor, 0, `\n${deeper}\n${own}`, cursor + 1 + deeper.length);
      pending = `\n${own}${pending}`;
    } else if (isBlank) {
      // The editor takes back the indentation that it made.
      edit(lineStart, line.length, `\n${own}`);
    } else {
      edit(cursor, 0, `\n${deeper}`);
    }
    let has = isBetween || !isBlank ? deeper : own;
    if (indent === undefined || indent === has) return wait(typist.lineStart());
    if (closer !== '' && has.startsWith(indent)) {
      // A closing bracket moves back by itself.
      wait(typist.interval(before, closer));
      edit(cursor - has.length, has.length, indent + closer);
      return;
    }
    while (has !== indent && has !== '' && !indent.startsWith(has)) {
      const fewer = has.endsWith(unit) ? has.slice(0, -unit.length) : has.slice(0, -1);
      wait(typist.repeat());
      edit(cursor - (has.length - fewer.length), has.length - fewer.length, '');
      has = fewer;
    }
    while (has !== indent) {
      const more = indent.slice(has.length).startsWith(unit) ? unit : indent.slice(has.length);
      wait(typist.repeat());
      edit(cursor, 0, more);
      has += more;
    }
    wait(typist.lineStart());
  }

  /** A wrong key, noticed at once or a few characters later, taken back and typed again. */
  function slip(wrong: string, wanted: string): number {
    const late = Math.min(typist.below(4), /^\p{L}*/u.exec(wanted.slice(1))![0].length);
    const typed = wrong + wanted.slice(1, 1 + late);
    for (const char of typed) {
      edit(cursor, 0, char);
      wait(typist.interval(before, char));
    }
    wait(typist.repeat() * 2);
    for (let count = typed.length; count > 0; count--) {
      edit(cursor - 1, 1, '');
      wait(typist.repeat());
    }
    return 0;
  }

  /** Ctrl+Z takes the last word back; it is then written after all. */
  function undo(wanted: string, at: number): void {
    const word = /[\p{L}\d_]{4,}$/u.exec(wanted.slice(0, at))?.[0];
    if (!word || pending !== '' || !text.slice(0, cursor).endsWith(word)) return;
    wait(typist.thought());
    edit(cursor - word.length, word.length, '');
    wait(typist.thought());
    for (const char of word) {
      edit(cursor, 0, char);
      wait(typist.interval(before, char));
    }
  }

  function write(offset: number, wanted: string): void {
    if (wanted === '') return;
    goTo(offset);
    const end = text.slice(offset);
    pending = '';
    let mark = nextMark(wanted, -1);
    let at = 0;
    while (at < wanted.length) {
      if (pending.includes('\n') && wanted.startsWith(pending, at) && /^\n[ \t]*[)\]}]/.test(pending)) {
        // Down, behind the bracket that stands there already.
        const step = /^\n[ \t]*[)\]}]/.exec(pending)![0];
        wait(typist.interval(before, ' ') * 2);
        place(cursor + step.length);
        pending = pending.slice(step.length);
        before = step.at(-1)!;
        at += step.length;
        continue;
      }
      if (at === mark) {
        mark = nextMark(wanted, wanted.indexOf('\n', at) < 0 ? wanted.length : wanted.indexOf('\n', at));
        const taken = take(wanted, at);
        if (taken > 0) {
          at += taken;
          continue;
        }
      }
      const char = String.fromCodePoint(wanted.codePointAt(at)!);
      if (char === '\n') {
        const indent = /^[ \t]*/.exec(wanted.slice(at + 1))![0];
        const isBlank = wanted[at + 1 + indent.length] === '\n';
        const next = wanted[at + 1 + indent.length] ?? '';
        const hadBlank = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor).trim() === '';
        const closer = CLOSERS.includes(next) && !pending.startsWith(next) && !hadBlank ? next : '';
        if (isBlank && indent === '') lineBreak(undefined, '');
        else {
          const from = cursor;
          lineBreak(indent, closer);
          const cameWithCloser =
            closer !== '' && text.slice(from, cursor).endsWith(closer) && text.slice(from, cursor).trim() === closer;
          if (cameWithCloser) at += 1;
        }
        at += 1 + indent.length;
        continue;
      }
      const wrong = pending.startsWith(char) ? undefined : typist.slip(char);
      if (wrong !== undefined && /^\p{L}/u.test(wanted.slice(at + 1))) slip(wrong, wanted.slice(at));
      if (char === ' ' && typist.chance(UNDO)) undo(wanted, at);
      wait(typist.interval(before, char));
      key(char, wanted.slice(at + 1));
      at += char.length;
    }
    // Brackets that were closed for nothing.
    while (pending !== '') {
      const step = /^\n[ \t]*/.exec(pending)?.[0] ?? pending[0]!;
      wait(typist.repeat());
      edit(cursor, step.length, '');
      pending = pending.slice(step.length);
    }
    const should = text.slice(0, offset) + wanted + end;
    if (cursor === offset + wanted.length && text === should) return;
    // What the editor left over, such as the indentation of a blank line.
    const from = commonStart(text, should);
    const same = commonStart(reversed(text.slice(from)), reversed(should.slice(from)));
    wait(typist.thought());
    edit(from, text.length - same - from, should.slice(from, should.length - same));
  }

  /** Leaves the rest of the line, or of some lines, to a suggestion: how many characters of `wanted`. */
  function take(wanted: string, at: number): number {
    const lineEnd = wanted.indexOf('\n', at) < 0 ? wanted.length : wanted.indexOf('\n', at);
    const closers = /^[^\n]*/.exec(pending)![0];
    let end = lineEnd;
    if (pending === '' && typist.chance(0.3)) {
      for (let lines = 1 + typist.below(3); lines > 0 && end < wanted.length; lines--) {
        const next = wanted.indexOf('\n', end + 1);
        end = next < 0 ? wanted.length : next;
      }
    }
    const rest = wanted.slice(at, end);
    if (rest.trim().length < 4) return 0;
    wait(typist.thought());
    if (typist.chance(DISMISSED)) {
      // Escape: not this one.
      events.push({ t_ms: time, kind: 'dismiss' });
      wait(180);
      return 0;
    }
    events.push({ t_ms: time, kind: 'accept' });
    wait(180);
    edit(cursor, closers.length, rest);
    pending = pending.slice(closers.length);
    wait(typist.thought());
    return rest.length;
  }
  /** Where in the next line after `from` it will be tried. */
  function nextMark(wanted: string, from: number): number {
    for (let start = from + 1; start < wanted.length;) {
      const end = wanted.indexOf('\n', start) < 0 ? wanted.length : wanted.indexOf('\n', start);
      const indent = /^[ \t]*/.exec(wanted.slice(start, end))![0].length;
      if (end - start - indent > 10 && typist.chance(acceptMarks)) return start + indent + 1 + typist.below(6);
      start = end + 1;
    }
    return -1;
  }

  function remove(start: number, end: number): void {
    if (start === end) return;
    if (end - start < SELECTED_FROM) {
      goTo(end);
      for (let at = end; at > start; at--) {
        wait(typist.repeat());
        edit(at - 1, 1, '');
      }
      return;
    }
    goTo(start);
    wait(typist.thought());
    edit(start, end - start, '');
  }

  return {
    events,
    get text() {
      return text;
    },
    get keys() {
      return keys;
    },
    goTo,
    write,
    remove,
    paste(offset, wanted) {
      goTo(offset);
      wait(typist.thought());
      edit(offset, 0, wanted);
    },
    rewrite(start, end, wanted) {
      const old = text.slice(start, end);
      let same = commonStart(old, wanted);
      const [oldRest, newRest] = [old.slice(same), wanted.slice(same)];
      let tail = commonStart(reversed(oldRest), reversed(newRest));
      // Nobody keeps the half of a word.
      while (
        same > 0 &&
        /[\p{L}\d_]/u.test(old[same - 1]!) &&
        /[\p{L}\d_]/u.test((old[same] ?? '') + (wanted[same] ?? ''))
      )
        same -= 1;
      tail = Math.min(tail, old.length - same, wanted.length - same);
      while (tail > 0 && /[\p{L}\d_]/u.test(old.at(-tail)!) && /[\p{L}\d_]/u.test(old.at(-tail - 1) ?? '')) tail -= 1;
      remove(start + same, end - tail);
      write(start + same, wanted.slice(same, wanted.length - tail));
    },
  };
}

const CLOSERS = `)]}"'\``;
/** Of the looks at what is on screen, those that end in Escape. */
const DISMISSED = 0.2;
/** Of the words, those that are taken back. */
const UNDO = 0.006;

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}

/** What one level of indentation is in this file: the commonest smallest one. */
function indentUnit(text: string): string {
  if (/^\t/m.test(text)) return '\t';
  const widths = [...text.matchAll(/^( +)\S/gm)].map(([, spaces]) => spaces!.length).filter((width) => width > 1);
  return ' '.repeat(widths.length === 0 ? 2 : Math.min(...widths, 4));
}
