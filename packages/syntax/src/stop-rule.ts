import { createCodeScanner } from './code-scanner.ts';
import { type OpenedBlock, openAtEnd } from './cursor/opened-block.ts';
import { type Language, languageOf } from './languages.ts';
import { indentOf, lastLine, nextFilledLine } from './layout.ts';

export interface StopRuleInput {
  readonly prefix: string;
  readonly suffix: string;
  /** VS Code language id. */
  readonly language: string;
  readonly multiline: boolean;
  /**
   * Say the end of the first line as soon as it is there: whoever shows whole lines can show it then, two tokens sooner
   * than with the start of the next one. An answer may then end with that line break.
   */
  readonly lineEnds?: boolean;
}

export type StopVerdict =
  | { readonly emit: string; readonly done: false }
  | { readonly emit: string; readonly done: true; readonly reason: 'block_end' };

/** Decides, while text is generated, where it must end. */
export interface StopRule {
  /** `emit` is what may be shown now, in order, each character once; what is not decidable yet is held back. */
  feed(text: string): StopVerdict;
  /** Generation ended by itself: what of the held-back text still belongs to the answer. White space at its end does not. */
  end(): string;
}

/**
 * Nobody reads a taller suggestion before accepting it. Copilot allows 200 tokens for several lines, about 20 lines at
 * 10 tokens each; half as many again leaves room for short lines.
 */
const MAX_LINES = 30;

/**
 * The result depends on the text only, never on how it is cut into chunks; time is linear in its length.
 * One line: ends at the first line break after text. Several lines: ends before a line that is indented less than the
 * block, before a bracket that closes what the text did not open, after the bracket or word that closes the block the
 * cursor is in (unless `suffix` has it already), after a paragraph where there is no such block, and after 30 lines.
 */
export function createStopRule(input: StopRuleInput): StopRule {
  const inspect = input.multiline ? blockInspector(input) : lineInspector();
  let held = '';
  let done = false;

  return {
    feed(text) {
      if (done) return { emit: '', done, reason: 'block_end' };
      let accepted = -1;
      for (let i = 0; i < text.length; i++) {
        const verdict = inspect.next(text[i]!);
        if (verdict === 'hold') continue;
        if (verdict === 'accept') {
          accepted = i + 1;
          continue;
        }
        if (verdict === 'stop-after-held') accepted = i;
        done = true;
        const emit = accepted < 0 ? '' : held + text.slice(0, accepted);
        held = '';
        return { emit, done, reason: 'block_end' };
      }
      if (accepted < 0) {
        held += text;
        return { emit: '', done: false };
      }
      const emit = held + text.slice(0, accepted);
      held = text.slice(accepted);
      return { emit, done: false };
    },
    end() {
      const emit = !done && inspect.acceptsHeldAtEnd() ? held : '';
      held = '';
      done = true;
      return emit;
    },
  };
}

/**
 * `accept`: this character and all held ones may be shown. `hold`: not decidable yet. `stop`: the answer ended at the
 * last accepted character. `stop-after-held`: it ended right before this character.
 */
type Verdict = 'accept' | 'hold' | 'stop' | 'stop-after-held';

interface Inspector {
  next(char: string): Verdict;
  acceptsHeldAtEnd(): boolean;
}

function lineInspector(): Inspector {
  let filled = false;
  let breaks = 0;
  return {
    next(char) {
      if (char === '\n' || char === '\r') {
        if (char === '\n') breaks += 1;
        return filled || breaks > MAX_LINES ? 'stop' : 'hold';
      }
      if (isBlank(char)) return 'hold';
      filled = true;
      return 'accept';
    },
    acceptsHeldAtEnd: () => false,
  };
}

function blockInspector({ prefix, suffix, language: id, lineEnds = false }: StopRuleInput): Inspector {
  const language = languageOf(id);
  const { block, brackets } = openAtEnd(prefix, language);
  const cursorLine = lastLine(prefix);
  const freshLine = cursorLine.trim() === '';
  const opened = freshLine || block ? (block?.brackets ?? '') : brackets;
  const mayClose = closableHere(opened, suffix, block?.indent ?? indentOf(cursorLine), language);
  const closers = closingWords(block, suffix, language);
  const scanner = createCodeScanner(language, mayClose);

  let lines = 1;
  let atLineStart = freshLine;
  let column = freshLine ? indentOf(cursorLine) : 0;
  /** Indentation of the block's own lines; known from its first one. */
  let body = freshLine || block ? undefined : indentOf(cursorLine);
  let afterBlankLine = false;
  let firstLine: 'empty' | 'filled' | 'said' = 'empty';
  /** The block is closed; only punctuation that belongs to the closing bracket may follow. */
  let closed = false;
  /** The beginning of a line that may be the word that closes the block. */
  let word: string | undefined;

  function lineBreak(): Verdict {
    afterBlankLine = atLineStart;
    atLineStart = true;
    column = 0;
    lines += 1;
    scanner.next('\n');
    if (lines > MAX_LINES) return 'stop';
    const endsFirstLine = firstLine === 'filled';
    if (endsFirstLine) firstLine = 'said';
    return endsFirstLine && lineEnds ? 'accept' : 'hold';
  }

  function mayStartLine(char: string): boolean {
    if (scanner.inside() || scanner.closes(char)) return true;
    if (body === undefined) {
      body = column;
      return !(language.indentation && block && lines > 1 && column <= block.indent);
    }
    // A preprocessor directive stands where it likes.
    if (char === '#' && language.lineComment === '//') return true;
    // Within brackets a language of indentation does not look at it.
    if (language.indentation && scanner.depth() > mayClose.length) return true;
    return column >= body && !(afterBlankLine && !block && column === body);
  }

  return {
    next(char) {
      if (closed) return char === ';' || char === ',' ? 'accept' : 'stop';
      if (word !== undefined) {
        if (/\w/.test(char)) {
          word += char;
          return closers.some((closer) => closer.startsWith(word!)) ? 'hold' : 'stop';
        }
        return closers.includes(word) ? 'stop-after-held' : 'stop';
      }
      if (char === '\n') return lineBreak();
      if (isBlank(char)) {
        if (atLineStart) column += indentOf(char);
        scanner.next(char);
        return 'hold';
      }
      if (atLineStart) {
        if (!mayStartLine(char)) {
          if (!block || column < block.indent || !closers.some((closer) => closer.startsWith(char))) return 'stop';
          word = char;
          return 'hold';
        }
        atLineStart = false;
        afterBlankLine = false;
      }
      if (scanner.next(char) === 'unopened') return 'stop';
      if (firstLine === 'empty') firstLine = 'filled';
      if (mayClose !== '' && scanner.depth() === 0) closed = true;
      return 'accept';
    },
    acceptsHeldAtEnd: () => word !== undefined && closers.includes(word),
  };
}

/** Of the brackets left `opened` before the cursor, those that `suffix` does not close already. */
function closableHere(opened: string, suffix: string, indent: number, language: Language): string {
  const lineEnd = suffix.indexOf('\n');
  const rest = (lineEnd < 0 ? suffix : suffix.slice(0, lineEnd)).trim();
  const below = nextFilledLine(suffix);
  const following = rest !== '' ? rest : below !== undefined && indentOf(below) >= indent ? below.trim() : '';
  const pair = language.brackets.find((pair) => pair[1] === following[0]);
  const closedAt = pair === undefined ? -1 : opened.lastIndexOf(pair[0]!);
  return opened.slice(closedAt + 1);
}

/** The words that may close `block`, unless the line below the cursor does already. */
function closingWords(block: OpenedBlock | undefined, suffix: string, language: Language): readonly string[] {
  if (!block || block.brackets !== '') return [];
  const below = nextFilledLine(suffix);
  const first = below === undefined || indentOf(below) !== block.indent ? undefined : /^\w+/.exec(below.trim())?.[0];
  return first !== undefined && language.blockClosers.includes(first) ? [] : language.blockClosers;
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r';
}
