interface Family {
  readonly looksLike: RegExp;
  readonly called: string;
  readonly template: string;
}

/** Names under which the models of a family are published, the more special first. */
const FAMILIES: readonly Family[] = [
  { looksLike: /qwen[-_.]?(?:2\.5|3)[-_.]?coder/, called: 'Qwen2.5-Coder', template: 'qwen2.5-coder' },
  { looksLike: /star[-_]?coder[-_.]?2/, called: 'StarCoder 2', template: 'starcoder2' },
  { looksLike: /star[-_]?coder/, called: 'StarCoder', template: 'starcoder' },
  { looksLike: /code[-_]?llama/, called: 'Code Llama', template: 'codellama' },
  { looksLike: /deepseek/, called: 'DeepSeek-Coder', template: 'deepseek-coder' },
  { looksLike: /code[-_]?gemma/, called: 'CodeGemma', template: 'codegemma' },
  { looksLike: /codestral/, called: 'Codestral', template: 'codestral' },
  { looksLike: /granite.*code/, called: 'Granite Code', template: 'granite-code' },
  { looksLike: /granite/, called: 'Granite 3.3 or 4', template: 'granite' },
  { looksLike: /stable[-_]?code/, called: 'Stable Code', template: 'stable-code' },
  { looksLike: /seed[-_]?coder/, called: 'Seed-Coder', template: 'seed-coder' },
  { looksLike: /mellum/, called: 'Mellum', template: 'mellum' },
];

/**
 * What a message may propose for a model with one of these names; undefined when they look like nothing known. For
 * people only: fine-tuned models and servers' aliases carry names of families whose format they do not have.
 */
export function familyOf(
  ...names: readonly string[]
): { readonly called: string; readonly template: string } | undefined {
  for (const name of names) {
    const found = FAMILIES.find(({ looksLike }) => looksLike.test(name.toLowerCase()));
    if (found) return { called: found.called, template: found.template };
  }
  return undefined;
}
