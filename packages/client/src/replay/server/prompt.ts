import type { CompletionRequest, Snippet } from '@ghostline/protocol';

/**
 * Where the text after the cursor stands in a prompt: behind the prefix, as most models were trained (Qwen2.5-Coder,
 * StarCoder 2), or before it (Codestral, CodeLlama's SPM), where typing leaves it in the engine's cache.
 */
export type PromptOrder = 'prefix-suffix-middle' | 'suffix-prefix-middle';

/**
 * The prompt as `packages/engine` lays it out for a model with Qwen2.5-Coder's control tokens: snippets in an order that
 * typing does not change, those of files before those of edits and views; then the path; then the hole. Its context of 32,768
 * tokens holds everything a client sends, so nothing is cut.
 */
export function layOut(request: CompletionRequest, order: PromptOrder): string {
  const { prefix, suffix, snippets = [], path = 'untitled' } = request;
  const hole =
    order === 'prefix-suffix-middle'
      ? `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`
      : `<|fim_suffix|>${suffix}<|fim_prefix|>${prefix}<|fim_middle|>`;
  if (snippets.length === 0) return hole;
  const files = snippets.toSorted(byStability).map(({ path, text }) => `<|file_sep|>${path}\n${text}\n`);
  return `<|repo_name|>workspace\n${files.join('')}<|file_sep|>${path}\n${hole}`;
}

function byStability(a: Snippet, b: Snippet): number {
  return Number(isVolatile(a)) - Number(isVolatile(b)) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

function isVolatile({ source }: Snippet): boolean {
  return source === 'recent_edit' || source === 'recent_view';
}
