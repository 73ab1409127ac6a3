import { templateNames } from '@ghostline/engine';
import { TIKTOKEN_ENCODINGS } from '@ghostline/inference';
import * as z from 'zod';
import type { FieldPath } from './field-path.ts';
import { httpUrl, name, unique } from './fields.ts';
import { prefillProblem, templateProblem, tokenizerProblem } from './model-checks.ts';
import { AllowPrivate, checkAddress } from './outgoing-address.ts';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

const endpointCommon = {
  name: name('Shown in metrics and responses'),
  region: name('Region the endpoint is in; the local one is tried first').optional(),
  maxConcurrent: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .meta({ description: 'Requests at a time; more go to the next endpoint' }),
};

/** Kinds that one may expect and this version does not have, with what serves them. */
const NOT_YET: Record<string, string> = {
  llamacpp: 'a llama.cpp server also speaks OpenAI’s protocol: use kind: openai with url: http://HOST:8080/v1',
  ollama: 'Ollama also speaks OpenAI’s protocol: use kind: openai with url: http://HOST:11434/v1',
  mistral: 'not supported in this version',
  gguf: 'not supported in this version: serve the file with llama.cpp and use kind: openai',
};

const Endpoint = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      ...endpointCommon,
      kind: z.literal('openai'),
      url: httpUrl.meta({ description: 'Base URL; /completions is appended' }),
      model: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'Model name sent upstream; default: the name of the model here' }),
      apiKey: SecretReference.optional().meta({ description: 'Sent as Authorization: Bearer' }),
      prefill: z.enum(['trailing', 'vllm']).optional().meta({
        description:
          'With template instruct: how the server goes on with the assistant’s message. trailing: when it is the last one (llama.cpp); vllm: with continue_final_message',
      }),
      cacheSalt: z.boolean().optional().meta({
        description: 'Sends vLLM’s cache_salt, so that organisations do not share cached prefixes; others refuse it',
      }),
      candidates: z.enum(['n', 'parallel']).optional().meta({
        description:
          'How several alternatives are asked for. n (default): in one request with that field; parallel: in as many requests, for servers that ignore it, such as Ollama',
      }),
      allowPrivate: AllowPrivate,
      http2: z.boolean().optional().meta({
        description:
          'true: HTTP/2, without TLS by prior knowledge; false: HTTP/1.1; default: what a https server prefers, HTTP/1.1 without TLS',
      }),
      firstTokenTimeoutMs: z.int().min(1).max(600_000).optional().meta({
        description: 'How long the first token may take; then the next endpoint is asked. Default 5000',
      }),
      idleTimeoutMs: z.int().min(1).max(600_000).optional().meta({
        description: 'How long each further token may take; then the stream ends. Default 10000',
      }),
    }),
    z.strictObject({
      ...endpointCommon,
      kind: z.literal('ngram'),
      workers: z.int().min(1).max(64).optional().meta({ description: 'Threads, started when needed; default 2' }),
    }),
  ],
  {
    error: (issue) => {
      const kind = (issue.input as { kind?: unknown } | undefined)?.kind;
      return typeof kind === 'string' ? NOT_YET[kind] : undefined;
    },
  },
);
export type EndpointConfig = z.infer<typeof Endpoint>;

const Tokenizer = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('learned') }),
    z.strictObject({
      kind: z.literal('tiktoken'),
      encoding: z.enum(TIKTOKEN_ENCODINGS).meta({ description: 'Vocabulary to count with' }),
    }),
    z.strictObject({ kind: z.literal('endpoint') }),
  ])
  .meta({
    description:
      'What teaches how many tokens a text has, off the path of requests: learned (default) from the usage that endpoints report; tiktoken; or endpoint, the /tokenize of the first openai endpoint (vLLM, llama.cpp)',
  });
export type TokenizerConfig = z.infer<typeof Tokenizer>;

const Model = z.strictObject({
  name: name('Shown in responses and on the dashboard'),
  // Checked with the model's names beside it: see model-checks.ts.
  template: z
    .string()
    .optional()
    .meta({
      description: 'Prompt format the model was trained for; required for openai endpoints',
      enum: [...templateNames],
    }),
  tokenizer: Tokenizer.optional(),
  contextTokens: z
    .int()
    .min(256)
    .max(1_000_000)
    .optional()
    .meta({ description: 'Prompt budget in tokens; default 4096' }),
  revision: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'Any other text than before when the weights change: answers of the old ones are forgotten' }),
  price: z
    .strictObject({
      inputPerMillion: z.number().nonnegative().meta({ description: 'Of prompts' }),
      outputPerMillion: z.number().nonnegative().meta({ description: 'Of answers' }),
    })
    .optional()
    .meta({ description: 'In your currency per million tokens' }),
  endpoints: z
    .array(Endpoint)
    .min(1)
    .superRefine(unique('name'))
    .meta({ description: 'What serves it: tried in this order, those of the own region first' }),
});

export const Models = z
  .array(Model)
  .min(1)
  .superRefine(unique('name'))
  .meta({ description: 'The first one answers, others when money is short; absent: the embedded model' });

export type EndpointSettings = EndpointConfig & { readonly region: string; readonly secret: string | undefined };

export interface ModelSettings {
  readonly name: string;
  readonly template: string;
  readonly revision: string;
  readonly contextTokens: number;
  readonly tokenizer: TokenizerConfig;
  readonly price: { readonly inputPerMillion: number; readonly outputPerMillion: number } | undefined;
  /** Whether it has endpoints that cost nothing, and no others. */
  readonly embedded: 'none' | 'some' | 'all';
  readonly endpoints: readonly EndpointSettings[];
}

/** Without configuration: suggestions from the request's own text, no download. */
const EMBEDDED_MODEL: z.infer<typeof Model> = {
  name: 'ngram',
  // The embedded model reads the request's parts, so its budget is what the protocol allows.
  contextTokens: 65_536,
  endpoints: [{ name: 'embedded', kind: 'ngram' }],
};

export function modelsSettings(
  models: z.infer<typeof Models> = [EMBEDDED_MODEL],
  region: string,
  resolving: Resolving,
): readonly [ModelSettings, ...ModelSettings[]] {
  return models.map((model, index) => modelSettings(model, ['models', index], region, resolving)) as [
    ModelSettings,
    ...ModelSettings[],
  ];
}

function modelSettings(
  model: z.infer<typeof Model>,
  field: FieldPath,
  region: string,
  resolving: Resolving,
): ModelSettings {
  const { secret, mistake } = resolving;
  const template = templateProblem(model);
  if (template !== undefined) throw mistake([...field, 'template'], template);
  const tokenizer = tokenizerProblem(model);
  if (tokenizer !== undefined) throw mistake([...field, 'tokenizer'], tokenizer);
  const prefill = prefillProblem({
    template: model.template,
    endpoints: model.endpoints.map((endpoint) => (endpoint.kind === 'openai' ? endpoint : {})),
  });
  if (prefill) throw mistake([...field, 'endpoints', prefill.index, 'prefill'], prefill.detail);
  return {
    name: model.name,
    template: model.template ?? 'plain',
    revision: model.revision ?? '',
    contextTokens: model.contextTokens ?? 4096,
    tokenizer: model.tokenizer ?? { kind: 'learned' },
    price: model.price,
    embedded: embeddedShare(model.endpoints),
    endpoints: model.endpoints.map((endpoint, index): EndpointSettings => {
      const at = [...field, 'endpoints', index];
      if ('url' in endpoint) checkAddress(endpoint.url, [...at, 'url'], endpoint, resolving);
      const apiKey = endpoint.kind === 'openai' ? endpoint.apiKey : undefined;
      return {
        ...endpoint,
        region: endpoint.region ?? region,
        secret: apiKey && secret(apiKey, [...at, 'apiKey']),
      };
    }),
  };
}

function embeddedShare(endpoints: readonly EndpointConfig[]): ModelSettings['embedded'] {
  const own = endpoints.filter(({ kind }) => kind === 'ngram').length;
  return own === 0 ? 'none' : own === endpoints.length ? 'all' : 'some';
}
