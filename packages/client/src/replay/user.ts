import type { Ghost } from './ghost.ts';
import type { Scene, Script } from './script.ts';

/**
 * Who sits before the screen. The recording says what is typed and when; this person also takes what is suggested, as soon
 * as it is read and when it is worth a key. The same for every policy.
 */
export interface UserOptions {
  /**
   * `always` (the default): whatever is on screen long enough to be read. `marks`: only where the recording has an
   * `accept`, and what comes up behind an acceptance before the next key.
   */
  readonly attention?: 'always' | 'marks';
  /** Seeing that there is something new, deciding, and moving a finger to Tab. */
  readonly noticeMs?: number;
  /** Reading; skilled programmers skim code at some 60 characters a second. */
  readonly readMsPerChar?: number;
  /** Nobody reads a long block to its end before taking it. */
  readonly longestReadMs?: number;
  /** How many keys an acceptance must save, its own deducted, to be worth the look; word by word, twice as many. */
  readonly worthKeys?: number;
}

const DEFAULTS = {
  attention: 'always',
  noticeMs: 300,
  readMsPerChar: 15,
  longestReadMs: 1500,
  worthKeys: 3,
} as const satisfies Required<UserOptions>;

export type User = Required<UserOptions>;

export function createUser(options: UserOptions = {}): User {
  return { ...DEFAULTS, ...options };
}

/** How long it takes this user to take in `text`, in ms. */
export function readingMs({ noticeMs, readMsPerChar, longestReadMs }: User, text: string): number {
  return Math.min(longestReadMs, noticeMs + readMsPerChar * text.trim().length);
}

/** What of a suggestion is what the user was going to write. */
export interface Agreement {
  readonly text: string;
  readonly whole: boolean;
  /** Strokes it takes: Tab, or one for each word. */
  readonly presses: readonly string[];
  /** The step that comes after it. */
  readonly next: number;
  /** Strokes it saves. */
  readonly saved: number;
}

export function isWorthIt({ worthKeys }: User, { saved, presses }: Agreement): boolean {
  return saved >= (presses.length > 1 ? 2 : 1) * worthKeys;
}

/** How far ahead the user knows what to write. */
const STEPS_AHEAD = 600;
/** Nobody accepts word by word for longer. */
const MAX_WORDS = 12;

/**
 * The largest part of `ghost` after which the document is what it was going to be: all of it, its first line, its first
 * words. `next` is the step that would come now.
 */
export function agreementOf(script: Script, next: number, scene: Scene, ghost: Ghost): Agreement | undefined {
  const { text } = scene;
  const before = text.slice(0, scene.cursor);
  const whole = arrival(before + ghost.text + text.slice(ghost.end), scene.cursor + ghost.text.length);
  if (whole !== undefined) return agreement(ghost.text, [ghost.text], whole, true);
  const line = /^(?:\r?\n)?[^\r\n]*/.exec(ghost.text)![0];
  const atLine = line === ghost.text ? undefined : part(line);
  if (atLine !== undefined) return agreement(line, [line], atLine, false);

  let found: Agreement | undefined;
  const words: string[] = [];
  for (const [word] of ghost.text.matchAll(/\s*(?:[\p{L}\d_]+|[^\p{L}\d_\s]+)/gu)) {
    words.push(word);
    if (words.length > MAX_WORDS) break;
    const said = words.join('');
    const at = said === ghost.text ? undefined : part(said);
    if (at !== undefined) found = agreement(said, [...words], at, false);
  }
  return found;

  function part(said: string): number | undefined {
    return arrival(before + said + text.slice(scene.cursor), scene.cursor + said.length);
  }

  function agreement(said: string, presses: readonly string[], last: number, whole: boolean): Agreement {
    const skipped = script.steps.slice(next, last + 1).filter(({ action }) => action.kind === 'edit').length;
    return { text: said, whole, presses, next: last + 1, saved: skipped - presses.length };
  }

  /** The step that leads to that very document, and with the cursor there if that follows at once. */
  function arrival(target: string, cursor: number): number | undefined {
    const end = Math.min(script.steps.length, next + STEPS_AHEAD);
    let last: number | undefined;
    for (let at = next; at < end; at++) {
      const { scene: then } = script.steps[at]!;
      const isThere = then.path === scene.path && then.text.length === target.length && then.text === target;
      if (isThere && then.cursor === cursor) return at;
      if (!isThere && last !== undefined) return last;
      if (isThere) last ??= at;
    }
    return last;
  }
}
