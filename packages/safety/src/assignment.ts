import { looksRandom } from './randomness.ts';
import type { FoundSecret } from './secret-rule.ts';

/** What names of secrets contain, in any case; a key is one by the word before it. */
export const secretNames = ['passw', 'passphrase', 'pwd', 'secret', 'token', 'credential', 'key'];

const NAME =
  '(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|(?<=(?:api|access|private|auth|encryption|signing|master)[_-]?)key)';

/** A literal assigned to, or compared with, what is named like a secret; on the same line or at the start of the next. */
const LITERAL = new RegExp(
  `${NAME}[\\w-]{0,40}["'\`]?\\]?[ \\t]{0,8}(?::[ \\t]{0,4}[A-Za-z]{1,20}[ \\t]{0,4})?(?:=>|:=|={1,3}|:)[ \\t]{0,8}(?:\\r?\\n[ \\t]{0,80})?["'\`]([^"'\`\\s]{10,512})(?=["'\`])`,
  'iy',
);

/** The rest of a line that is nothing but a setting, as in YAML, properties and shell scripts. */
const SETTING = new RegExp(
  `${NAME}[A-Z_]{0,20}[ \\t]{0,4}[=:][ \\t]{0,4}([A-Za-z0-9_.~+/!@#%^&*=-]{12,512})[ \\t]{0,8}$`,
  'imy',
);
const SETTING_BEGINS = /^[ \t]{0,40}(?:-[ \t]{1,4})?(?:export[ \t]{1,4}|ENV[ \t]{1,4}|set[ \t]{1,4})?[\w.-]{0,60}$/i;
const MAX_BEGINNING = 110;
/** A value without quotes is a name more often than not: it takes more to be a secret. */
const SETTING_BITS = 3.2;
/** `config2.secret`, `1.2.3-rc4`: names and versions. */
const NAME_OR_VERSION = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^v?\d+\.\d+/;

/** The secret that is given to the name at `at`. */
export function assignedAt(text: string, at: number): FoundSecret | undefined {
  LITERAL.lastIndex = at;
  const literal = LITERAL.exec(text)?.[1];
  if (literal !== undefined)
    return looksRandom(literal) ? assigned(LITERAL.lastIndex - literal.length, LITERAL.lastIndex) : undefined;
  SETTING.lastIndex = at;
  const setting = SETTING.exec(text);
  const value = setting?.[1];
  if (value === undefined || NAME_OR_VERSION.test(value) || !looksRandom(value, SETTING_BITS)) return undefined;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  if (at - lineStart > MAX_BEGINNING || !SETTING_BEGINS.test(text.slice(lineStart, at))) return undefined;
  const end = at + setting![0].trimEnd().length;
  return assigned(end - value.length, end);
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
