import type { PromptSnippet } from '@ghostline/inference';

/** The parts of a prompt, free of control tokens and cut to their budget. */
export interface PromptParts {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly PromptSnippet[];
  /** Of the file with the cursor; empty when not known. */
  readonly path: string;
  /** How a line comment begins, for templates that have no other way to name a file. */
  readonly lineComment: string | undefined;
}

/** How a family of models was trained to see code with a hole. The endpoint puts the text of a broken answer right after it. */
interface FimTemplate {
  render(parts: PromptParts): string;
  /**
   * Three at most: OpenAI-compatible servers take four, and the endpoint may need one for the line break. Servers end at
   * the model's own end-of-text token anyway, and any other control token ends the answer in this package.
   */
  readonly stop: readonly string[];
}

/** Workspaces are opaque here, and models were trained with some name before the first file. */
const REPOSITORY = 'workspace';

const TEMPLATES = {
  /** Qwen2.5-Coder technical report (arXiv 2409.12186), file and repository level. */
  'qwen2.5-coder': {
    render({ prefix, suffix, snippets, path }) {
      const hole = `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`;
      if (snippets.length === 0) return hole;
      const files = snippets.map(({ name, text }) => `<|file_sep|>${name}\n${text}\n`).join('');
      return `<|repo_name|>${REPOSITORY}\n${files}<|file_sep|>${path}\n${hole}`;
    },
    stop: ['<|endoftext|>', '<|fim_pad|>', '<|file_sep|>'],
  },
  /** StarCoder 2 and The Stack v2 (arXiv 2402.19173), section 5.1: the path stands inside of the hole's prefix. */
  starcoder2: {
    render({ prefix, suffix, snippets, path }) {
      const rest = `${prefix}<fim_suffix>${suffix}<fim_middle>`;
      if (snippets.length === 0) return `<fim_prefix>${rest}`;
      const files = snippets.map(({ name, text }) => `<file_sep>${name}\n${text}`).join('');
      return `<repo_name>${REPOSITORY}${files}<file_sep><fim_prefix>${path}\n${rest}`;
    },
    stop: ['<|endoftext|>', '<file_sep>', '<fim_prefix>'],
  },
  /** For models without a hole: they continue the text before the cursor. Snippets come first, named by comments. */
  plain: {
    render({ prefix, snippets, path, lineComment = '#' }) {
      if (snippets.length === 0) return prefix;
      const files = snippets.map(({ name, text }) => `${lineComment} ${name}\n${text}\n\n`).join('');
      return `${files}${lineComment} ${path}\n${prefix}`;
    },
    stop: [],
  },
} satisfies Record<string, FimTemplate>;

/** The names a model's `template` may have. */
export const templateNames: readonly string[] = Object.keys(TEMPLATES);

/** Throws an error that lists the known names: a template is configured, never guessed. */
export function templateOf(name: string): FimTemplate {
  const template = Object.entries(TEMPLATES).find(([known]) => known === name)?.[1];
  if (!template) throw new Error(`unknown FIM template "${name}"; known are ${templateNames.join(', ')}`);
  return template;
}
