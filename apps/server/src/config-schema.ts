import { isIP } from 'node:net';
import { ROLES } from '@ghostline/access';
import { TIKTOKEN_ENCODINGS, templateNames } from '@ghostline/engine';
import * as z from 'zod';
import { Budgets, Limits, Spending } from './limits-schema.ts';
import { Safety } from './safety-schema.ts';

const name = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1–64 letters, digits, ".", "_" or "-"')
    .meta({ description: what });

/** Secrets never stand in the file: it says where they are. */
export const SecretReference = z
  .union(
    [
      z.strictObject({ env: z.string().min(1).meta({ description: 'Name of an environment variable' }) }),
      z.strictObject({ file: z.string().min(1).meta({ description: 'Path, relative to this file' }) }),
    ],
    { error: 'must be a reference to a secret: { env: NAME } or { file: PATH }' },
  )
  .meta({ description: '{ env: NAME } or { file: PATH }, relative to this file' });
export type SecretReference = z.infer<typeof SecretReference>;

const pemFile = (what: string) =>
  z
    .strictObject(
      { file: z.string().min(1).meta({ description: 'Path, relative to this file' }) },
      { error: 'must be a PEM file: { file: PATH }' },
    )
    .meta({ description: what });

/** Refuses a list in which two items have the same `field`: one of them would be there in vain. */
function unique<Field extends string>(field: Field) {
  return (items: readonly Record<Field, unknown>[], context: z.RefinementCtx) => {
    const seen = new Map<unknown, number>();
    for (const [index, { [field]: value }] of items.entries()) {
      const first = seen.get(value);
      if (first === undefined) seen.set(value, index);
      else
        context.addIssue({
          code: 'custom',
          path: [index, field],
          message: `the same as that of item ${first}; each needs its own`,
        });
    }
  };
}

const httpUrl = z
  .string({ error: 'must be a URL such as http://127.0.0.1:8000/v1' })
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'must be a http:// or https:// URL')
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    'must not contain a user name or password; use apiKey: { env: NAME }',
  );

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

/** Kinds of the design that this version does not have yet, with what serves them today. */
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
      allowPrivate: z.boolean().optional().meta({
        description:
          'false: never connect to this machine or a private network, whatever the name resolves to; default true',
      }),
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
  // Checked with the model's names beside it: see model-template.ts.
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

const Key = z.strictObject({
  id: name('Name of the key; shown to admins, never secret'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key in lower-case hex: printf %s "$KEY" | sha256sum')
    .meta({ description: 'SHA-256 of the key in lower-case hex: printf %s "$KEY" | sha256sum' }),
  org: name('Organisation'),
  team: name('Team'),
  user: name('User'),
  roles: z.array(z.enum(ROLES)).min(1).meta({ description: 'developer: completions and telemetry; admin: reports' }),
  expires: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be a date such as 2027-01-31 (the key ends when that day begins, in UTC) or 2027-01-31T18:00:00Z',
    })
    .optional()
    .meta({ description: 'When the key ends; a day ends it as that day begins, in UTC' }),
});

const claim = (what: string) => z.string().min(1).max(200).optional().meta({ description: what });

const Issuer = z.strictObject({
  issuer: httpUrl.meta({
    description: 'Exactly what tokens say in iss, such as https://login.example.com/realms/acme',
  }),
  audience: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .meta({ description: 'What tokens for this server say in aud; of a list, one is enough' }),
  jwksUrl: httpUrl
    .optional()
    .meta({ description: 'Where the public keys are; default: where the discovery document of the issuer says' }),
  clockSkewSeconds: z
    .int()
    .min(0)
    .max(600)
    .optional()
    .meta({ description: 'How far the clocks of issuer and server may differ; default 30' }),
  claims: z
    .strictObject({
      org: claim('Claim with the organisation; default org, unless one is set for all'),
      team: claim('Claim with the team, of a list the first; default team, unless one is set for all'),
      user: claim('Claim with the user; default sub'),
      roles: claim('Claim with roles; without it, everyone is a developer'),
    })
    .optional()
    .meta({ description: 'Which claims say who it is; dots lead into objects: realm_access.roles' }),
  org: name('Organisation of all tokens; with claims.org, of those without that claim').optional(),
  team: name('Team of all tokens; with claims.team, of those without that claim').optional(),
  roles: z
    .strictObject({
      developer: z.array(z.string().min(1)).optional().meta({ description: 'Values that make a developer' }),
      admin: z.array(z.string().min(1)).optional().meta({ description: 'Values that make an admin' }),
    })
    .optional()
    .meta({ description: 'Which values of the claim of roles make which role; default: their own names' }),
});

const network = z
  .string()
  .refine(isNetwork, 'must be an address or a network such as 10.0.0.7, 10.0.0.0/8 or fd00::/8')
  .meta({ description: 'Address or network (CIDR)' });

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** `ghostline.yaml`. Every field has a default; strict, as a misspelt setting that is ignored is a setting that lies. */
export const ConfigFile = z
  .strictObject({
    listen: z
      .strictObject({
        host: z.string().min(1).optional().meta({
          description: 'Address; default 127.0.0.1. Anything that other machines reach needs auth',
        }),
        port: z.int().min(0).max(65_535).optional().meta({ description: 'Default 4700; 0 takes a free one' }),
        trustedProxies: z.array(network).max(1000).optional().meta({
          description: 'Proxies whose X-Forwarded-For is believed, to tell clients apart that try unknown keys',
        }),
        tls: z
          .strictObject({ cert: pemFile('Certificate, its chain behind it'), key: pemFile('Its private key') })
          .optional()
          .meta({
            description: 'HTTPS, with HTTP/2 for clients that have it. The files are read again when they change',
          }),
        http2: z.literal('cleartext').optional().meta({
          description: 'HTTP/2 without TLS (h2c, prior knowledge) beside HTTP/1.1, behind a proxy that speaks it',
        }),
      })
      .refine(({ tls, http2 }) => !tls || !http2, {
        path: ['http2'],
        message: 'with tls, HTTP/2 is on by itself; remove http2: cleartext',
      })
      .optional()
      .meta({ description: 'Where clients come in' }),
    drain: z
      .strictObject({
        announceMs: z.int().min(0).max(600_000).optional().meta({
          description:
            'After SIGTERM, how long /readyz says no while everything is still answered: until load balancers know; default 0',
        }),
        finishMs: z.int().min(0).max(600_000).optional().meta({
          description: 'How long the answers under way may take after that; default 10000',
        }),
      })
      .optional()
      .meta({ description: 'How the gateway ends' }),
    region: name('Region of this gateway').optional(),
    regions: z
      .array(
        z.strictObject({
          name: name('Name of the region'),
          url: httpUrl.meta({ description: 'Where clients reach a gateway in it' }),
        }),
      )
      .max(16)
      .superRefine(unique('name'))
      .optional()
      .meta({
        description:
          'Regions that clients may go to when they are nearer, or this one is away; they must know the same keys',
      }),
    dataDir: z.string().min(1).optional().meta({ description: 'Event log, embedded analytics and generated secrets' }),
    redis: z
      .strictObject({
        url: z
          .union(
            [
              z
                .string()
                .regex(
                  /^rediss?:\/\/[^@]*$/,
                  'must be a redis:// or rediss:// URL without a password; use { env: NAME } for one',
                ),
              SecretReference,
            ],
            { error: 'must be a redis:// URL without a password, or { env: NAME }' },
          )
          .meta({ description: 'redis:// or rediss://; with a password as { env: NAME } or { file: PATH }' }),
      })
      .optional()
      .meta({ description: 'What gateways share: prompt cache, keys, limits and budgets; absent: each for itself' }),
    analytics: z
      .strictObject({
        url: httpUrl.meta({ description: 'Its HTTP interface, such as http://clickhouse:8123' }),
        database: name('Database; default: default').optional(),
        username: z.string().optional().meta({ description: 'Default: default' }),
        password: SecretReference.optional().meta({ description: 'Default: none' }),
      })
      .optional()
      .meta({ description: 'A ClickHouse server; absent: embedded' }),
    auth: z
      .strictObject({
        keys: z
          .array(Key)
          .min(1)
          .superRefine(unique('id'))
          .superRefine(unique('sha256'))
          .optional()
          .meta({ description: 'Keys besides those that ghostline keys create makes' }),
        oidc: z
          .array(Issuer)
          .min(1)
          .max(32)
          .superRefine(unique('issuer'))
          .optional()
          .meta({ description: 'Issuers whose tokens are taken in place of keys' }),
        failuresPerMinute: z.int().min(1).max(10_000).optional().meta({
          description: 'Unknown keys and tokens that an address may try in a minute before it is slowed; default 20',
        }),
      })
      .optional()
      .meta({ description: 'Present, be it empty: requests need a key (ghostline keys create) or a token' }),
    models: z
      .array(Model)
      .min(1)
      .superRefine(unique('name'))
      .optional()
      .meta({ description: 'The first one answers, others when money is short; absent: the embedded model' }),
    safety: Safety.optional(),
    limits: Limits.optional(),
    budgets: Budgets.optional(),
    spending: Spending.optional(),
    secrets: z
      .strictObject({
        cacheKey: SecretReference.optional().meta({ description: 'Names and seals the answers in the cache' }),
        previousCacheKeys: z
          .array(SecretReference)
          .max(4)
          .optional()
          .meta({ description: 'Values of cacheKey from before a change; can go a day after it' }),
        idKey: SecretReference.optional().meta({
          description: 'Signs completion ids, so that telemetry cannot invent one',
        }),
      })
      .optional()
      .meta({ description: 'At least 32 bytes each; generated in dataDir, required when gateways share a Redis' }),
    tracing: z
      .strictObject({
        otlp: httpUrl.meta({ description: 'OpenTelemetry receiver (OTLP over HTTP), such as http://collector:4318' }),
        sampleRatio: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .meta({ description: 'Share of the requests that begin a trace here; default 0.01' }),
        headers: z
          .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'must be a header name'), SecretReference)
          .optional()
          .meta({ description: 'Headers for the receiver, such as authorization' }),
        users: z
          .boolean()
          .optional()
          .meta({ description: 'Put user, team and organisation into traces; default false' }),
      })
      .optional()
      .meta({ description: 'OpenTelemetry traces of completions; absent: off' }),
    cache: z
      .strictObject({
        maxMegabytes: z
          .int()
          .min(1)
          .max(65_536)
          .optional()
          .meta({ description: 'Memory for answers that this process keeps; default 64' }),
        ttlSeconds: z
          .int()
          .min(1)
          .max(86_400)
          .optional()
          .meta({ description: 'How long an answer is given again; default 600' }),
        epoch: z
          .string()
          .max(64)
          .optional()
          .meta({ description: 'Any other text than before: all answers that are cached are forgotten' }),
      })
      .optional()
      .meta({ description: 'Answers that are given again' }),
    log: z
      .strictObject({
        level: z
          .enum(['trace', 'debug', 'info', 'warn', 'error'])
          .optional()
          .meta({ description: 'Default info; debug adds a line for each completion' }),
      })
      .optional()
      .meta({ description: 'JSON lines on stderr; never source code' }),
  })
  .meta({ title: 'ghostline.yaml' });
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The published JSON Schema, for editors that complete and check YAML. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(ConfigFile, { io: 'input' });
}
