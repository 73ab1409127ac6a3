import type { Language } from '@ghostline/syntax';
import { createCodeWalk } from '../../text/code-walk.ts';
import { type Draft, type Filter, NO_LINES, endBefore, endWithin, firstFilled, holdFrom } from '../draft.ts';
import type { Place } from '../place.ts';

/**
 * `<|…|>`: Qwen, CodeGemma, Granite, Llama 3, Phi; `<｜…｜>`: DeepSeek; `<fim_…>`: StarCoder, SantaCoder, Granite;
 * `<[fim-…]>`: Seed-Coder.
 */
const UNMISTAKABLE =
  '<\\|[A-Za-z0-9_]{1,40}\\|>|<｜[^｜\\s]{1,40}｜>|<fim[_-](?:prefix|middle|suffix|pad)>|<\\[fim-(?:prefix|middle|suffix)\\]>';
/** Tags of StarCoder and Gemma, which markup could have; CodeLlama's, which are HTML there and type arguments elsewhere. */
const TAGS =
  '<(?:file_sep|reponame|repo_name|gh_stars|issue_(?:start|comment|closed)|jupyter_(?:start|text|code|output|script)|empty_output|commit_(?:before|msg|after)|endoftext|start_of_turn|end_of_turn)>';
const CODELLAMA = '(?<![\\w<>)\\]])<(?:PRE|SUF|MID|EOT)>';
/** Codestral's, where no index or array can begin with them. */
const CODESTRAL = '\\[(?:PREFIX|SUFFIX|MIDDLE)\\](?<=^\\s*\\[\\w+\\])(?!\\s*=)';
/** The end of a text of Llama 2 and CodeLlama. */
const LLAMA_END = '(?<=^|[\\s;{})])</s>\\s*$';

const IN_CODE = new RegExp([UNMISTAKABLE, TAGS, CODELLAMA, CODESTRAL, LLAMA_END].join('|'), 'g');
const IN_MARKUP = new RegExp(UNMISTAKABLE, 'g');
/** `a <|b|> c` is an expression in languages with that operator. */
const OPERATORS = new Set(['fsharp', 'elm', 'haskell', 'purescript', 'ocaml', 'elixir']);
const KNOWN_NAMES =
  /^<\|(?:fim_\w+|endoftext|end_of_text|begin_of_text|file_sep(?:arator)?|repo_name|im_(?:start|end)|eot_id|eom_id|(?:start|end)_header_id|end|user|assistant|system)\|>/;

/** Codestral's mark between two files. */
const NEXT_FILE = /^\+{5} \S/;
/** The beginning of a token that the last line was cut in, where a server stops at its text. */
const CUT_TOKEN = /(?:<\|(?:fim|end|file|repo|im)_?[a-z_]*\|?|<｜[^｜\s]{0,40}|<fim[_-][a-z]*)$/;

/**
 * Ends the text at a token with which a model marks the parts of a prompt or the end of an answer, and leaves out what it
 * was thinking. In a document that has such tokens itself, as the sources of this project, one within a string or a
 * comment is code.
 */
export const modelTokens: Filter = {
  name: 'model tokens',
  apply(draft, place) {
    return withoutTokens(withoutThoughts(draft, place), place);
  },
};

function withoutTokens(draft: Draft, place: Place): Draft {
  const { lines, goesOn } = draft;
  const pattern = isMarkup(place.syntax) ? IN_MARKUP : IN_CODE;
  const suspect = lines.findIndex((line) => line.search(pattern) >= 0 || NEXT_FILE.test(line));
  if (suspect >= 0) {
    const isQuoted = quotedHere(lines, place);
    for (let index = suspect; index < lines.length; index++) {
      const line = lines[index]!;
      if (NEXT_FILE.test(line) && index > 0 && !isMarkup(place.syntax)) return endBefore(draft, index);
      for (const { 0: token, index: column } of line.matchAll(pattern)) {
        if (OPERATORS.has(place.language) && token.startsWith('<|') && !KNOWN_NAMES.test(token)) continue;
        // An index or an array may begin there.
        if (token.startsWith('[') && index === 0 && !place.isFresh) continue;
        if (!isQuoted(token, index, column)) return endWithin(draft, index, column);
      }
    }
  }
  const last = lines.length - 1;
  const cut = CUT_TOKEN.exec(lines[last]!.slice(-60));
  if (!cut) return draft;
  if (goesOn) return holdFrom(draft, last);
  return endWithin(draft, last, lines[last]!.length - cut[0].length);
}

/** Tells of tokens, asked for in order, whether they are a matter of the document and stand within a string or comment. */
function quotedHere(lines: readonly string[], { prefix, suffix, syntax, brackets, cursorLine }: Place) {
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  const forms = new Set([...`${prefix}\n${suffix}`.matchAll(IN_CODE)].map(([token]) => token.slice(0, 2)));
  let row = 0;
  let fed = 0;
  return (token: string, index: number, column: number): boolean => {
    if (!forms.has(token.slice(0, 2))) return false;
    for (; row < index; row++) {
      walk.feed(lines[row]!.slice(fed), before());
      walk.endLine();
      fed = 0;
    }
    walk.feed(lines[row]!.slice(fed, column), before());
    fed = column;
    return walk.within() !== 'code';
  };
  /** Enough of the line before what is fed next. */
  function before(): string {
    if (fed > 0) return lines[row]!.slice(Math.max(0, fed - 20), fed);
    return row === 0 ? cursorLine : '';
  }
}

/** Qwen 3 and others think aloud first. */
function withoutThoughts(draft: Draft, { syntax }: Place): Draft {
  const { lines } = draft;
  const start = firstFilled(lines);
  if (start < 0 || isMarkup(syntax) || !/^\s*<think>/.test(lines[start]!)) return draft;
  const end = lines.findIndex((line, index) => index >= start && line.includes('</think>'));
  if (end < 0) return { ...draft, lines: NO_LINES };
  const rest = lines[end]!.slice(lines[end]!.indexOf('</think>') + '</think>'.length);
  const answer = [rest, ...lines.slice(end + 1)];
  const first = firstFilled(answer);
  return { ...draft, lines: first < 0 ? NO_LINES : answer.slice(first) };
}

/** Where tags are ordinary text, and quotes no strings. */
function isMarkup({ id, brackets }: Language): boolean {
  return brackets.length === 0 || id === 'typescriptreact' || id === 'javascriptreact';
}
