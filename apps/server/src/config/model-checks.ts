import { familyOf, templateNames } from '@ghostline/engine';
import { likelyMeant } from '@ghostline/protocol';

/** What of a model's configuration decides whether its template is right. */
export interface TemplateChoice {
  readonly name: string;
  readonly template?: string | undefined;
  readonly endpoints: readonly { readonly kind: string; readonly model?: string | undefined }[];
}

/** The first endpoint with a setting that its model's template makes no use of, and the fix; undefined when there is none. */
export function prefillProblem({
  template,
  endpoints,
}: {
  readonly template?: string | undefined;
  readonly endpoints: readonly { readonly prefill?: string | undefined }[];
}): { readonly index: number; readonly detail: string } | undefined {
  const index = endpoints.findIndex(({ prefill }) => prefill !== undefined);
  if (index < 0 || template === 'instruct') return undefined;
  return {
    index,
    detail: 'only chats can be prefilled: remove it, or set template: instruct for a model that only chats',
  };
}

/**
 * What is wrong with the choice, and its fix; undefined when it can work. A template is proposed by the model's name and
 * never taken from it: fine-tuned models and aliases carry names of families whose format they do not have.
 */
export function templateProblem({ name, template, endpoints }: TemplateChoice): string | undefined {
  if (template !== undefined && templateNames.includes(template)) return undefined;
  const known = `known are ${templateNames.join(', ')}`;
  const servedAs = endpoints.flatMap(({ model }) => model ?? []);
  const family = familyOf(...servedAs, name);
  const proposal = family ? `; it looks like ${family.called}: set template: ${family.template}` : '';
  if (template !== undefined) {
    const meant = likelyMeant(template, templateNames);
    return `"${template}" is no template; ${meant ? `did you mean "${meant}"? ` : ''}${known}${proposal}`;
  }
  if (!endpoints.some(({ kind }) => kind === 'openai')) return undefined;
  return `required for openai endpoints, as the server cannot tell in which format the model was trained${proposal}; ${known}`;
}

/** What is wrong with the choice of a tokeniser, and its fix; undefined when it can work. */
export function tokenizerProblem({
  tokenizer,
  endpoints,
}: {
  readonly tokenizer?: { readonly kind: string } | undefined;
  readonly endpoints: readonly { readonly kind: string }[];
}): string | undefined {
  if (tokenizer?.kind !== 'endpoint' || endpoints.some(({ kind }) => kind === 'openai')) return undefined;
  return 'kind endpoint asks an openai endpoint, and the model has none: remove it, or give the model one';
}
