import type { ChatPrompt } from '@ghostline/inference';
import { INSTRUCT_MARKERS, INSTRUCT_OVERHEAD_TOKENS, askInstruct, renderInstruct } from './instruct-template.ts';
import { type PromptText, changed, promptText } from './prompt-text.ts';

/** The parts of a prompt, free of control tokens and cut to their budget. */
export interface PromptParts {
  readonly prefix: PromptText;
  readonly suffix: PromptText;
  readonly snippets: readonly { readonly name: string; readonly text: PromptText }[];
  /** Of the file with the cursor; empty when not known. */
  readonly path: string;
  /** How a line comment begins, for templates that have no other way to name a file. */
  readonly lineComment: string | undefined;
  readonly language: string;
}

/** How a family of models was trained to see code with a hole. The endpoint puts the text of a broken answer right after it. */
export interface FimTemplate {
  render(parts: PromptParts): PromptText;
  /**
   * Three at most: OpenAI-compatible servers take four, and the endpoint may need one for the line break. Servers end at
   * the model's own end-of-text token anyway, and any other control token ends the answer in this package.
   */
  readonly stop: readonly string[];
  /** What the template itself puts between the texts: must never come from them. */
  readonly controls: readonly string[];
  /** For models that only chat: the messages, with the text of a broken answer in them. */
  ask?(parts: PromptParts, continuation: string, prefilled: boolean): ChatPrompt;
  /** Of the template's own words; absent: a few dozen. */
  readonly overheadTokens?: number;
}

/** Workspaces are opaque here, and models were trained with some name before the first file. */
const REPOSITORY = 'workspace';

/** For families that were trained on one file at a time: other files stand above this one, named in comments. */
function commented({ prefix, snippets, path, lineComment = '#' }: PromptParts): PromptText {
  if (snippets.length === 0) return prefix;
  const files = snippets.map(({ name, text }) => promptText`${lineComment} ${name}\n${text}\n\n`);
  return promptText`${files}${lineComment} ${path}\n${prefix}`;
}

interface Markers {
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
}

const ANGLED: Markers = { prefix: '<fim_prefix>', suffix: '<fim_suffix>', middle: '<fim_middle>' };
const BARRED: Markers = { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' };

/** The usual order, PSM of Bavarian et al. (arXiv 2207.14255): each keystroke makes the engine read the suffix again. */
function prefixFirst(markers: Markers, stop: readonly string[]): FimTemplate {
  const { prefix, suffix, middle } = markers;
  return {
    render: (parts) => promptText`${prefix}${commented(parts)}${suffix}${parts.suffix}${middle}`,
    stop,
    controls: [prefix, suffix, middle],
  };
}

/** SPM, variant 2 of the same paper: the hole's prefix comes last, so that a keystroke only adds to what was read. */
function suffixFirst(markers: Markers, stop: readonly string[]): FimTemplate {
  const { prefix, suffix, middle } = markers;
  return {
    render: (parts) => promptText`${prefix}${suffix}${parts.suffix}${middle}${commented(parts)}`,
    stop,
    controls: [prefix, suffix, middle],
  };
}

/** No token, so that only a template that names files so has to keep it out; as long as before. */
function withoutFileMarks(text: PromptText): PromptText {
  return changed(text, (part) => (part.includes('+++++ ') ? part.replace(/^\+{5} /gm, '++++_ ') : part));
}

const STARCODER_STOP = ['<|endoftext|>', '<filename>', '<fim_prefix>'];

const FIM_TEMPLATES = {
  /** Qwen2.5-Coder technical report (arXiv 2409.12186), file and repository level; Qwen3-Coder has the same tokens. */
  'qwen2.5-coder': {
    render({ prefix, suffix, snippets, path }) {
      const hole = promptText`<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`;
      if (snippets.length === 0) return hole;
      const files = snippets.map(({ name, text }) => promptText`<|file_sep|>${name}\n${text}\n`);
      return promptText`<|repo_name|>${REPOSITORY}\n${files}<|file_sep|>${path}\n${hole}`;
    },
    stop: ['<|endoftext|>', '<|fim_pad|>', '<|file_sep|>'],
    controls: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|repo_name|>', '<|file_sep|>'],
  },
  /** StarCoder 2 and The Stack v2 (arXiv 2402.19173), section 5.1: the path stands inside of the hole's prefix. */
  starcoder2: {
    render({ prefix, suffix, snippets, path }) {
      const rest = promptText`${prefix}<fim_suffix>${suffix}<fim_middle>`;
      if (snippets.length === 0) return promptText`<fim_prefix>${rest}`;
      const files = snippets.map(({ name, text }) => promptText`<file_sep>${name}\n${text}`);
      return promptText`<repo_name>${REPOSITORY}${files}<file_sep><fim_prefix>${path}\n${rest}`;
    },
    stop: ['<|endoftext|>', '<file_sep>', '<fim_prefix>'],
    controls: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<repo_name>', '<file_sep>'],
  },
  /** StarCoder (arXiv 2305.06161): half of its FIM data is PSM, half SPM variant 2, one file each. */
  starcoder: prefixFirst(ANGLED, STARCODER_STOP),
  'starcoder-spm': suffixFirst(ANGLED, STARCODER_STOP),
  /** Code Llama (arXiv 2308.12950), section 2.3; the spaces are those of `generation.py` and of its Hugging Face tokeniser. */
  codellama: {
    render: (parts) => promptText`<PRE> ${commented(parts)} <SUF>${parts.suffix} <MID>`,
    stop: ['<EOT>', '<PRE>', '</s>'],
    controls: ['<PRE>', '<SUF>', '<MID>'],
  },
  'codellama-spm': {
    render: (parts) => promptText`<PRE> <SUF>${parts.suffix} <MID> ${commented(parts)}`,
    stop: ['<EOT>', '<PRE>', '</s>'],
    controls: ['<PRE>', '<SUF>', '<MID>'],
  },
  /** DeepSeek-Coder (arXiv 2401.14196) and V2 (2406.11931): full-width bars; a repository is its files under `#path`. */
  'deepseek-coder': {
    render({ prefix, suffix, snippets, path }) {
      const files = snippets.map(({ name, text }) => promptText`#${name}\n${text}\n`);
      const before = snippets.length === 0 ? prefix : promptText`${files}#${path}\n${prefix}`;
      return promptText`<｜fim▁begin｜>${before}<｜fim▁hole｜>${suffix}<｜fim▁end｜>`;
    },
    stop: ['<｜end▁of▁sentence｜>', '<｜fim▁begin｜>', '<|EOT|>'],
    controls: ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
  },
  /** CodeGemma (arXiv 2406.11409), multi-file packing: the path before the hole, files between separators. */
  codegemma: {
    render({ prefix, suffix, snippets, path }) {
      const hole = promptText`<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`;
      if (snippets.length === 0) return hole;
      const files = snippets.map(({ name, text }) => promptText`${name}\n${text}<|file_separator|>`);
      return promptText`${files}${path}\n${hole}`;
    },
    stop: ['<|file_separator|>', '<eos>', '<end_of_turn>'],
    controls: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|file_separator|>'],
  },
  /** Codestral: the suffix first (mistral-common, `encode_fim`); `+++++ path` names files, as Continue's template has it. */
  codestral: {
    render({ prefix, suffix, snippets, path }) {
      const files = snippets.map(({ name, text }) => promptText`+++++ ${name}\n${withoutFileMarks(text)}\n\n`);
      const own = withoutFileMarks(prefix);
      const before = snippets.length === 0 ? own : promptText`${files}+++++ ${path}\n${own}`;
      return promptText`[SUFFIX]${withoutFileMarks(suffix)}[PREFIX]${before}`;
    },
    stop: ['</s>', '[SUFFIX]', '\n+++++ '],
    controls: ['[SUFFIX]', '[PREFIX]'],
  },
  /** Granite Code (arXiv 2405.04324): StarCoder's tokens, trained in both orders. */
  'granite-code': prefixFirst(ANGLED, STARCODER_STOP),
  'granite-code-spm': suffixFirst(ANGLED, STARCODER_STOP),
  /** Granite 3.3 and 4 (their model cards, “fill-in-the-middle”). */
  granite: prefixFirst(BARRED, ['<|end_of_text|>', '<|fim_pad|>', '<|fim_prefix|>']),
  /** Stable Code 3B (arXiv 2404.01226): PSM with StarCoder's tokens. */
  'stable-code': prefixFirst(ANGLED, ['<|endoftext|>', '<fim_prefix>']),
  /** Seed-Coder (arXiv 2506.03524), section on FIM: suffix, prefix, middle, one file each. */
  'seed-coder': {
    render: (parts) => promptText`<[fim-suffix]>${parts.suffix}<[fim-prefix]>${commented(parts)}<[fim-middle]>`,
    stop: ['<[end▁of▁sentence]>', '<[fim-suffix]>', '<[fim-prefix]>'],
    controls: ['<[fim-suffix]>', '<[fim-prefix]>', '<[fim-middle]>'],
  },
  /** Mellum (JetBrains, model card “fill-in-the-middle with additional files”): the suffix before the prefix. */
  mellum: {
    render({ prefix, suffix, snippets, path }) {
      const hole = promptText`<fim_suffix>${suffix}<fim_prefix>${prefix}<fim_middle>`;
      if (snippets.length === 0) return hole;
      const files = snippets.map(({ name, text }) => promptText`<filename>${name}\n${text}\n`);
      return promptText`${files}<filename>${path}\n${hole}`;
    },
    stop: ['<|endoftext|>', '<filename>', '<fim_suffix>'],
    controls: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<filename>'],
  },
  /** For models without a hole: they continue the text before the cursor. Snippets come first, named by comments. */
  plain: { render: commented, stop: [], controls: [] },
  /** For models that only chat: asked for the missing code in messages. */
  instruct: {
    render: renderInstruct,
    stop: [],
    controls: INSTRUCT_MARKERS,
    ask: askInstruct,
    overheadTokens: INSTRUCT_OVERHEAD_TOKENS,
  },
} satisfies Record<string, FimTemplate>;

/** The names a model's `template` may have. */
export const templateNames: readonly string[] = Object.keys(FIM_TEMPLATES);

/** Throws an error that lists the known names: a template is configured, never guessed. */
export function templateOf(name: string): FimTemplate {
  if (Object.hasOwn(FIM_TEMPLATES, name)) return FIM_TEMPLATES[name as keyof typeof FIM_TEMPLATES];
  throw new Error(`unknown FIM template "${name}"; known are ${templateNames.join(', ')}`);
}
