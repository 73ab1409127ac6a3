import { looksRandom } from './randomness.ts';
import type { FoundSecret } from './secret-rule.ts';

/** What names of secrets contain, in any case; a key is one by the word before it. */
export const secretNames = ['passw', 'passphrase', 'pwd', 'secret', 'token', 'credential', 'key'];

const NAME =
  '(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|(?<=(?:api|access|private|auth|encryption|signing|master)[_-]?)key)';

const NAME_HERE = new RegExp(NAME, 'iy');
/** What may follow the name in one word. */
const MAX_WORD_REST = 40;
const MAX_SETTING_REST = 20;

/** After the word: a literal assigned to it, or compared with it; on the same line or at the start of the next. */
const LITERAL =
  /["'`]?\]?[ \t]{0,8}(?::[ \t]{0,4}[A-Za-z]{1,20}[ \t]{0,4})?(?:=>|:=|={1,3}|:)[ \t]{0,8}(?:\r?\n[ \t]{0,80})?["'`]([^"'`\s]{10,512})(?=["'`])/y;

/** After the word: the rest of a line that is nothing but a setting, as in YAML, properties and shell scripts. */
const SETTING = /[ \t]{0,4}[=:][ \t]{0,4}([A-Za-z0-9_.~+/!@#%^&*=-]{12,512})[ \t]{0,8}$/my;
const SETTING_FOLLOWS = /[ \t]{0,4}[=:]/y;
/** Where a line begins so, each beginning of it does. */
const SETTING_BEGINS = /^[ \t]{0,40}(?:-[ \t]{1,4})?(?:export[ \t]{1,4}|ENV[ \t]{1,4}|set[ \t]{1,4})?[\w.-]{0,60}$/i;
const MAX_BEGINNING = 110;
/** A value without quotes is a name more often than not: it takes more to be a secret. */
const SETTING_BITS = 3.2;
/** `config2.secret`, `1.2.3-rc4`: names and versions. */
const NAME_OR_VERSION = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^v?\d+\.\d+/;

/** What one word, or one line, was found to hold. */
type Literal = { readonly start: number; readonly end: number; readonly random: boolean } | undefined;

/**
 * Finds the secret that is given to the name at a place of `text`; places come in order. What follows a word is read once, of
 * however many names the word is made.
 */
export function createAssignments(text: string): (at: number) => FoundSecret | undefined {
  const wordEnd = runsOf(text, isWordCharacter);
  const lettersEnd = runsOf(text, isLetterOrUnderscore);
  let literalAt = -1;
  let literal: Literal;
  /** Beginning of a line in which nothing more can be a setting. */
  let closedLine = -1;

  return (at) => {
    NAME_HERE.lastIndex = at;
    if (!NAME_HERE.test(text)) return undefined;
    const nameEnd = NAME_HERE.lastIndex;
    const end = wordEnd(nameEnd);
    if (end - nameEnd <= MAX_WORD_REST) {
      if (end !== literalAt) literal = literalFrom((literalAt = end));
      if (literal) return literal.random ? assigned(literal.start, literal.end) : undefined;
    }
    const letters = lettersEnd(nameEnd);
    return letters - nameEnd <= MAX_SETTING_REST ? settingFrom(letters, at) : undefined;
  };

  function literalFrom(end: number): Literal {
    LITERAL.lastIndex = end;
    const value = LITERAL.exec(text)?.[1];
    if (value === undefined) return undefined;
    return { start: LITERAL.lastIndex - value.length, end: LITERAL.lastIndex, random: looksRandom(value) };
  }

  function settingFrom(end: number, at: number): FoundSecret | undefined {
    SETTING_FOLLOWS.lastIndex = end;
    if (!SETTING_FOLLOWS.test(text)) return undefined;
    const near = Math.max(0, at - MAX_BEGINNING - 1);
    const lineStart = near + text.slice(near, at).lastIndexOf('\n') + 1;
    if (at - lineStart > MAX_BEGINNING || lineStart === closedLine) return undefined;
    if (!SETTING_BEGINS.test(text.slice(lineStart, at))) {
      closedLine = lineStart;
      return undefined;
    }
    SETTING.lastIndex = end;
    const setting = SETTING.exec(text);
    const value = setting?.[1];
    if (value === undefined || NAME_OR_VERSION.test(value) || !looksRandom(value, SETTING_BITS)) return undefined;
    const valueEnd = end + setting![0].trimEnd().length;
    return assigned(valueEnd - value.length, valueEnd);
  }
}

/** Where the run of such characters ends that goes on at a place; places come in order, and each run is read once. */
function runsOf(text: string, belongs: (code: number) => boolean): (at: number) => number {
  let start = 0;
  let end = -1;
  return (at) => {
    if (at >= start && at <= end) return end;
    start = at;
    for (end = at; belongs(text.charCodeAt(end)); end++);
    return end;
  };
}

function isLetterOrUnderscore(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}

function isWordCharacter(code: number): boolean {
  return isLetterOrUnderscore(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
}

function assigned(start: number, end: number): FoundSecret {
  return { start, end, family: 'assigned' };
}

const OPEN_LITERAL = new RegExp(
  `${NAME}[\\w-]{0,40}["'\`]?\\]?[ \\t]{0,8}(?::[ \\t]{0,4}[A-Za-z]{1,20}[ \\t]{0,4})?(?:=>|:=|={1,3}|:)[ \\t]{0,8}(?:\\r?\\n[ \\t]{0,80})?["'\`]([^"'\`\\s]{0,512})$`,
  'i',
);
const OPEN_SETTING = new RegExp(
  `${NAME}[A-Z_]{0,20}[ \\t]{0,4}[=:][ \\t]{0,4}([A-Za-z0-9_.~+/!@#%^&*=-]{0,512}[ \\t]{0,8}\\r?)$`,
  'i',
);
/** The preset's rule for the keys of AWS needs no quotes. */
const OPEN_AWS_KEY = /secret_?access_?key["']?[ \t]{0,8}(?::|=>|=)[ \t]{0,8}["']?([A-Za-z0-9/+=]{0,40}["']?)$/i;
/** A value of 512 characters, and before it what an assignment may have. */
const MAX_OPEN = 512 + 256;

/** False for most of the texts in which nothing is given to a name. */
export function mayHoldAssignment(text: string): boolean {
  return text.includes('=') || text.includes(':');
}

/** Where a value begins that is given to a name of a secret, and may go on; the end of `text` when there is none. */
export function openAssignmentAt(text: string): number {
  const near = text.length <= MAX_OPEN ? text : text.slice(-MAX_OPEN);
  let open = 0;
  for (const pattern of [OPEN_LITERAL, OPEN_AWS_KEY]) open = Math.max(open, pattern.exec(near)?.[1]!.length ?? 0);
  const setting = OPEN_SETTING.exec(near.slice(near.lastIndexOf('\n') + 1));
  if (setting && setting.index <= MAX_BEGINNING && SETTING_BEGINS.test(setting.input.slice(0, setting.index)))
    open = Math.max(open, setting[1]!.length);
  return text.length - open;
}
