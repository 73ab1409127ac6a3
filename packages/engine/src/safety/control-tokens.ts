/**
 * Tokens with which models mark the parts of a prompt or the end of an answer. A server that tokenises raw text reads
 * them as such wherever they stand, so they must not come from the text of a user. `<|…|>` is the form of Qwen, CodeGemma,
 * Granite, Llama 3 and others (InCoder has a colon in it), `<｜…｜>` that of DeepSeek.
 */
const BRACED = ['<\\|[A-Za-z0-9_:]{1,40}\\|>', '<｜[^｜<>\\s]{1,40}｜>'];

/** Of StarCoder 1 and 2, SantaCoder, CodeLlama, Seed-Coder, Codestral, Gemma, aiXcoder. */
const WORDS = [
  ...['prefix', 'middle', 'suffix', 'pad'].flatMap((part) => [`<fim_${part}>`, `<fim-${part}>`, `<[fim-${part}]>`]),
  ...['begin▁of▁sentence', 'end▁of▁sentence', 'PAD▁TOKEN', 'SEP▁TOKEN'].map((name) => `<[${name}]>`),
  ...['file_sep', 'reponame', 'repo_name', 'gh_stars', 'issue_start', 'issue_comment', 'issue_closed'].map(angled),
  ...['jupyter_start', 'jupyter_text', 'jupyter_code', 'jupyter_output', 'jupyter_script', 'empty_output'].map(angled),
  ...['commit_before', 'commit_msg', 'commit_after', 'endoftext', 'start_of_turn', 'end_of_turn'].map(angled),
  ...['PRE', 'SUF', 'MID', 'EOT', 'AIX-SPAN-PRE', 'AIX-SPAN-POST', 'AIX-SPAN-MIDDLE'].map(angled),
  '[PREFIX]',
  '[SUFFIX]',
  '[MIDDLE]',
];

/** Tokens that are also ordinary text (HTML, usage lines): kept out of prompts, but no reason to end an answer. */
const AMBIGUOUS = [
  ...['s', '/s', 'bos', 'eos', 'pad', 'unk', 'mask', 'filename'].map(angled),
  ...['think', '/think', 'tool_call', '/tool_call', 'tool_response', '/tool_response'].map(angled),
  ...['INST', '/INST', 'SYSTEM_PROMPT', '/SYSTEM_PROMPT', 'AVAILABLE_TOOLS', '/AVAILABLE_TOOLS'].map(bracketed),
  ...['TOOL_CALLS', 'TOOL_RESULTS', '/TOOL_RESULTS', 'TOOL_CONTENT', '/TOOL_CONTENT', 'IMG'].map(bracketed),
  '<<SYS>>',
  '<</SYS>>',
];

const IN_PROMPT = new RegExp([...BRACED, ...[...WORDS, ...AMBIGUOUS].map(escaped)].join('|'), 'y');
const IN_ANSWER = new RegExp([...BRACED, ...WORDS.map(escaped)].join('|'));
const BRACED_BEGINNING = /^<(?:\|(?:[A-Za-z0-9_:]{1,40}\|?)?|｜[^｜<>\s]{0,40}｜?)?$/;
const LONGEST = 44;

/** The characters that may stand second in a token: of most `<` and `[` in code this is all that is looked at. */
const SECOND = new Set([...WORDS, ...AMBIGUOUS, '<|', '<｜'].map((token) => token.charCodeAt(1)));

/**
 * `text` with every control token spoilt, as long as before: one in bars loses its first bar to a space, of a word the
 * first letter changes its case. Visible changes, as an invisible character would end up in somebody's code when the
 * model repeats what it read. The same string when there is none.
 */
export function neutralise(text: string): string {
  return spoil(spoil(text, '<'), '[');
}

function spoil(text: string, first: string): string {
  let done = '';
  let from = 0;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    if (!SECOND.has(text.charCodeAt(at + 1))) continue;
    IN_PROMPT.lastIndex = at;
    const token = IN_PROMPT.exec(text)?.[0];
    if (token === undefined) continue;
    done += text.slice(from, at) + spoilt(token);
    from = at + token.length;
  }
  return from === 0 ? text : done + text.slice(from);
}

function spoilt(token: string): string {
  if (token[1] === '|' || token[1] === '｜') return `${token[0]} ${token.slice(2)}`;
  return token.replace(/[A-Za-z]/, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

export interface ControlTokenGuard {
  /** The text before a control token; what may become one is held back. `ended` when there was one. */
  feed(text: string): { readonly text: string; readonly ended: boolean };
  /** What was held back: no more is coming that would complete it. */
  end(): string;
}

/** Ends an answer at the first control token in it, wherever the chunks divide it. */
export function createControlTokenGuard(): ControlTokenGuard {
  let held = '';
  return {
    feed(chunk) {
      const text = held === '' ? chunk : held + chunk;
      held = '';
      if (!text.includes('<') && !text.includes('[')) return { text, ended: false };
      const token = IN_ANSWER.exec(text);
      if (token) return { text: text.slice(0, token.index), ended: true };
      const from = beginningOfToken(text);
      held = text.slice(from);
      return { text: held === '' ? text : text.slice(0, from), ended: false };
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** Where the end of `text` could be the beginning of a control token; its length when it could not. */
function beginningOfToken(text: string): number {
  for (let at = Math.max(0, text.length - LONGEST); at < text.length; at++) {
    if (text[at] !== '<' && text[at] !== '[') continue;
    const tail = text.slice(at);
    if (BRACED_BEGINNING.test(tail) || WORDS.some((word) => word.startsWith(tail))) return at;
  }
  return text.length;
}

function angled(word: string): string {
  return `<${word}>`;
}

function bracketed(word: string): string {
  return `[${word}]`;
}

function escaped(text: string): string {
  return text.replace(/[[\]|/]/g, '\\$&');
}
