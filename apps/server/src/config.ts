import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { SafetyPolicy } from '@ghostline/engine';
import { addressRefusal } from '@ghostline/inference';
import { fieldName, knownFields, likelyMeant } from '@ghostline/protocol';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type * as z from 'zod';
import { type AuthSettings, authSettings } from './auth-settings.ts';
import { ConfigFile, type EndpointConfig, type SecretReference, type TokenizerConfig } from './config-schema.ts';
import type { CertificateFiles } from './http/certificate.ts';
import { prefillProblem, templateProblem, tokenizerProblem } from './model-template.ts';
import { type LimitingSettings, limitingProblem, limitingSettings } from './limits/settings.ts';

/** A start-up error whose message is meant for the operator: where, what, and the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Role = 'gateway' | 'admin' | 'analytics';

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

/** Everything the server was told, resolved: paths absolute, secrets read, defaults filled in. */
export interface Settings {
  readonly roles: ReadonlySet<Role>;
  readonly configFile: string | undefined;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly trustedProxies: readonly string[];
    readonly tls: CertificateFiles | undefined;
    readonly http2Cleartext: boolean;
  };
  readonly drain: { readonly announceMs: number; readonly finishMs: number };
  readonly region: string;
  /** Where clients may go instead; may name its own, so that all regions can have the same list. */
  readonly regions: readonly { readonly name: string; readonly url: string }[];
  readonly dataDir: string;
  readonly redisUrl: string | undefined;
  readonly analytics:
    | { readonly kind: 'embedded'; readonly childToken: string | undefined; readonly childPort: number }
    | {
        readonly kind: 'clickhouse';
        readonly url: string;
        readonly database: string;
        readonly username: string;
        readonly password: string;
      };
  readonly auth: AuthSettings;
  readonly models: readonly [ModelSettings, ...ModelSettings[]];
  readonly safety: SafetyPolicy;
  readonly limiting: LimitingSettings;
  /** Undefined: nothing is traced. */
  readonly tracing: TracingSettings | undefined;
  readonly secrets: {
    readonly cacheKey: string | undefined;
    readonly previousCacheKeys: readonly string[];
    readonly idKey: string | undefined;
  };
  readonly cache: { readonly maxBytes?: number; readonly ttlMs?: number; readonly epoch?: string };
  readonly logLevel: string;
}

export interface TracingSettings {
  readonly url: string;
  /** 0–1. */
  readonly sampleRatio: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly users: boolean;
}

/** What settings were made of: the file as it was read, and the secrets its references lead to, by field. */
export interface ConfigSource {
  readonly file: ConfigFile;
  readonly secrets: ReadonlyMap<string, string>;
}

const sources = new WeakMap<Settings, ConfigSource>();

/** The source of what `loadSettings` returned. */
export function sourceOf(settings: Settings): ConfigSource {
  const source = sources.get(settings);
  if (!source) throw new Error('these settings were not loaded from a file');
  return source;
}

export const USAGE = `Usage: npm start -- [options]     or: ghostline serve [options]

  --config FILE      configuration (default: ghostline.yaml in the current folder, when it is there)
  --port N           port to listen on (default 4700; 0 takes a free one)
  --host HOST        address to listen on (default 127.0.0.1)
  --data-dir DIR     event log, analytics and generated secrets (default .ghostline)
  --region NAME      region of this gateway (default local)
  --role ROLE        gateway, admin, or gateway,admin (default)
  --log-level LEVEL  trace, debug, info, warn or error (default info)
  --version, --help
`;

const OPTIONS = {
  config: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  region: { type: 'string' },
  role: { type: 'string' },
  'log-level': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** How long streams may go on after SIGTERM: twice the longest completion, and well under the 30 s of Kubernetes. */
const DRAIN_MS = 10_000;

const CHILD_TOKEN = 'GHOSTLINE_ANALYTICS_TOKEN';
const CHILD_PORT = 'GHOSTLINE_ANALYTICS_PORT';

export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What the process was started with; the only place that reads its environment. */
export function surroundings(): Surroundings {
  // npm runs scripts in the package's folder; INIT_CWD is where the user stood, which is what relative paths mean.
  return { argv: process.argv.slice(2), env: process.env, cwd: process.env['INIT_CWD'] ?? process.cwd() };
}

/** The environment of the analytics process: ours, with the token that only parent and child know. */
export function childEnvironment({ token, port }: { token: string; port: number }): NodeJS.ProcessEnv {
  return { ...process.env, [CHILD_TOKEN]: token, [CHILD_PORT]: String(port) };
}

/** Flags over file over defaults. Throws ConfigError with the file's line, the field and the fix. */
export function loadSettings({ argv, env, cwd }: Surroundings): Settings | 'help' | 'version' {
  const flags = parseFlags(argv);
  if (flags.help) return 'help';
  if (flags.version) return 'version';
  const { file, configFile, at } = readConfig(flags.config, cwd);
  const base = configFile ? path.dirname(configFile) : cwd;
  const found = new Map<string, string>();
  const secret = (reference: SecretReference | undefined, field: string) =>
    reference && readSecret(reference, field, { env, base, at, found });

  const region = flags.region ?? file.region ?? 'local';
  const host = flags.host ?? file.listen?.host ?? '127.0.0.1';
  if (!file.auth && !isLoopback(host)) {
    throw new ConfigError(
      `${at(['listen', 'host'])}listen.host: "${host}" can be reached from other machines, and there is no authentication. Add auth: {} and make keys with: ghostline keys create; or listen on 127.0.0.1.`,
    );
  }
  const unpriced = limitingProblem(file);
  if (unpriced) throw new ConfigError(`${at(unpriced.field)}${fieldName(unpriced.field)}: ${unpriced.detail}`);
  const models = (file.models ?? [EMBEDDED_MODEL]).map((model, index) => modelSettings(model, index));
  const redisUrl = typeof file.redis?.url === 'string' ? file.redis.url : secret(file.redis?.url, 'redis.url');
  const secrets = {
    cacheKey: secret(file.secrets?.cacheKey, 'secrets.cacheKey'),
    idKey: secret(file.secrets?.idKey, 'secrets.idKey'),
  };
  const previousCacheKeys = (file.secrets?.previousCacheKeys ?? []).map((reference, index) => {
    const value = readSecret(reference, `secrets.previousCacheKeys[${index}]`, { env, base, at, found });
    requireLength(value, ['secrets', 'previousCacheKeys', index], at);
    return value;
  });
  for (const [field, value] of Object.entries(secrets)) {
    if (value !== undefined) requireLength(value, ['secrets', field], at);
    if (value === undefined && redisUrl !== undefined) {
      throw new ConfigError(
        `${at(['redis'])}secrets.${field}: required when Redis is configured, as every gateway must use the same one; for example secrets: { ${field}: { env: GHOSTLINE_${field === 'idKey' ? 'ID' : 'CACHE'}_KEY } }`,
      );
    }
  }
  const settings: Settings = {
    roles: parseRoles(flags.role),
    configFile,
    listen: {
      host,
      port: flags.port === undefined ? (file.listen?.port ?? 4700) : parsePort(flags.port),
      trustedProxies: file.listen?.trustedProxies ?? [],
      tls: file.listen?.tls && {
        cert: path.resolve(base, file.listen.tls.cert.file),
        key: path.resolve(base, file.listen.tls.key.file),
      },
      http2Cleartext: file.listen?.http2 === 'cleartext',
    },
    drain: { announceMs: file.drain?.announceMs ?? 0, finishMs: file.drain?.finishMs ?? DRAIN_MS },
    region,
    regions: file.regions ?? [],
    dataDir: flags['data-dir']
      ? path.resolve(cwd, flags['data-dir'])
      : path.resolve(base, file.dataDir ?? '.ghostline'),
    redisUrl,
    analytics: file.analytics
      ? {
          kind: 'clickhouse',
          url: file.analytics.url,
          database: file.analytics.database ?? 'default',
          username: file.analytics.username ?? 'default',
          password: secret(file.analytics.password, 'analytics.password') ?? '',
        }
      : {
          kind: 'embedded',
          childToken: env[CHILD_TOKEN],
          childPort: Number(env[CHILD_PORT] ?? 0),
        },
    auth: authSettings(file.auth),
    models: models as [ModelSettings, ...ModelSettings[]],
    safety: file.safety ?? {},
    limiting: limitingSettings(file),
    tracing: file.tracing && {
      url: file.tracing.otlp,
      sampleRatio: file.tracing.sampleRatio ?? 0.01,
      headers: Object.fromEntries(
        Object.entries(file.tracing.headers ?? {}).map(([header, reference]) => [
          header,
          secret(reference, `tracing.headers.${header}`) ?? '',
        ]),
      ),
      users: file.tracing.users ?? false,
    },
    secrets: { ...secrets, previousCacheKeys },
    cache: cacheSettings(file.cache),
    logLevel: flags['log-level'] ?? file.log?.level ?? 'info',
  };
  sources.set(settings, { file, secrets: found });
  return settings;

  function modelSettings(model: NonNullable<ConfigFile['models']>[number], index: number): ModelSettings {
    const problem = templateProblem(model);
    if (problem !== undefined)
      throw new ConfigError(`${at(['models', index, 'template'])}models[${index}].template: ${problem}`);
    const unasked = tokenizerProblem(model);
    if (unasked !== undefined)
      throw new ConfigError(`${at(['models', index, 'tokenizer'])}models[${index}].tokenizer: ${unasked}`);
    const prefill = prefillProblem({
      template: model.template,
      endpoints: model.endpoints.map((endpoint) => (endpoint.kind === 'openai' ? endpoint : {})),
    });
    if (prefill)
      throw new ConfigError(
        `${at(['models', index, 'endpoints', prefill.index, 'prefill'])}models[${index}].endpoints[${prefill.index}].prefill: ${prefill.detail}`,
      );
    return {
      name: model.name,
      template: model.template ?? 'plain',
      revision: model.revision ?? '',
      contextTokens: model.contextTokens ?? 4096,
      tokenizer: model.tokenizer ?? { kind: 'learned' },
      price: model.price,
      embedded: embeddedShare(model.endpoints),
      endpoints: model.endpoints.map((endpoint, number) => ({
        ...checkedAddress(endpoint, ['models', index, 'endpoints', number, 'url'], at),
        region: endpoint.region ?? region,
        secret:
          endpoint.kind === 'openai'
            ? secret(endpoint.apiKey, `models[${index}].endpoints[${number}].apiKey`)
            : undefined,
      })),
    };
  }
}

/** The same again while the program runs. A file that was there and is gone does not mean its defaults. */
export function reloadSettings(where: Surroundings, before: Settings): Settings {
  const settings = loadSettings(where);
  if (typeof settings === 'string') throw new ConfigError(`--${settings} is for the command line`);
  if (before.configFile !== undefined && settings.configFile === undefined) {
    throw new ConfigError(`${before.configFile} is gone; put it back, or restart without it to run with the defaults`);
  }
  return settings;
}

function embeddedShare(endpoints: readonly EndpointConfig[]): ModelSettings['embedded'] {
  const own = endpoints.filter(({ kind }) => kind === 'ngram').length;
  return own === 0 ? 'none' : own === endpoints.length ? 'all' : 'some';
}

/** An address that no request may go to is a mistake of the file; a name is looked up when a connection is made. */
function checkedAddress(endpoint: EndpointConfig, field: readonly PropertyKey[], at: Locate): EndpointConfig {
  const refusal = 'url' in endpoint ? addressRefusal(new URL(endpoint.url).hostname, endpoint) : undefined;
  if (refusal === undefined) return endpoint;
  throw new ConfigError(`${at(field)}${fieldName(field)}: ${refusal}`);
}

function requireLength(secret: string, field: readonly PropertyKey[], at: Locate): void {
  if (secret.length >= 32) return;
  throw new ConfigError(
    `${at(field)}${fieldName(field)}: ${secret.length} characters, at least 32 are needed; try: openssl rand -hex 32`,
  );
}

function cacheSettings({ maxMegabytes, ttlSeconds, epoch }: ConfigFile['cache'] = {}): Settings['cache'] {
  return {
    ...(maxMegabytes !== undefined && { maxBytes: maxMegabytes * 1024 * 1024 }),
    ...(ttlSeconds !== undefined && { ttlMs: ttlSeconds * 1000 }),
    ...(epoch !== undefined && { epoch }),
  };
}

/** What `ghostline keys` needs of the server's settings: nothing else has to be right, or reachable, where an admin makes keys. */
export function loadKeysSettings(
  { config, dataDir }: { config: string | undefined; dataDir: string | undefined },
  { env, cwd }: Pick<Surroundings, 'env' | 'cwd'>,
): Pick<Settings, 'auth' | 'configFile' | 'dataDir' | 'redisUrl'> {
  const { file, configFile, at } = readConfig(config, cwd);
  const base = configFile ? path.dirname(configFile) : cwd;
  const url = file.redis?.url;
  return {
    auth: authSettings(file.auth),
    configFile,
    dataDir: dataDir === undefined ? path.resolve(base, file.dataDir ?? '.ghostline') : path.resolve(cwd, dataDir),
    redisUrl: typeof url === 'object' ? readSecret(url, 'redis.url', { env, base, at, found: new Map() }) : url,
  };
}

/** Without configuration: suggestions from the request's own text, no download. */
const EMBEDDED_MODEL = {
  name: 'ngram',
  // The embedded model reads the request's parts, so its budget is what the protocol allows.
  contextTokens: 65_536,
  endpoints: [{ name: 'embedded', kind: 'ngram' as const }],
};

type Locate = (fieldPath: readonly PropertyKey[]) => string;

function readConfig(
  flag: string | undefined,
  cwd: string,
): { file: ConfigFile; configFile: string | undefined; at: Locate } {
  const configFile = path.resolve(cwd, flag ?? 'ghostline.yaml');
  let text: string;
  try {
    text = readFileSync(configFile, 'utf8');
  } catch (error) {
    if (flag === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { file: {}, configFile: undefined, at: () => '' };
    }
    throw new ConfigError(
      `--config: ${configFile} cannot be read (${(error as NodeJS.ErrnoException).code}); give the path of a ghostline.yaml`,
    );
  }
  return { ...parseConfig(text, path.relative(cwd, configFile) || configFile), configFile };
}

/** The file's content against its schema; every mistake with its line. `label` is how the file is called in messages. */
export function parseConfig(text: string, label: string): { file: ConfigFile; at: Locate } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${label}:${line}:${col}: `;
  };
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${place(error.pos[0])}${error.message}`).join('\n'));
  }
  const at: Locate = (fieldPath) => {
    for (let depth = fieldPath.length; depth >= 0; depth--) {
      const node = document.getIn(fieldPath.slice(0, depth), true);
      if (isNode(node) && node.range) return place(node.range[0]);
    }
    return `${label}: `;
  };
  const result = ConfigFile.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (result.success) return { file: result.data, at };
  throw new ConfigError(result.error.issues.flatMap((issue) => explain(issue, at)).join('\n'));
}

function explain(issue: z.core.$ZodIssue, at: Locate): string[] {
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = knownFields(ConfigFile, issue.path);
      const meant = likelyMeant(key, known);
      const fix = meant ? `did you mean "${meant}"?` : `known are ${known.join(', ')}`;
      return `${at([...issue.path, key])}${field ? `${field}.` : ''}${key}: unknown field; ${fix}`;
    });
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  const message = missing ? `required field is missing (expected ${issue.expected})` : issue.message;
  return [`${at(issue.path)}${field || 'configuration'}: ${message}`];
}

function readSecret(
  reference: SecretReference,
  field: string,
  { env, base, at, found }: { env: Surroundings['env']; base: string; at: Locate; found: Map<string, string> },
): string {
  const where = at(
    field
      .split(/[.[\]]+/)
      .filter(Boolean)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  );
  if ('env' in reference) {
    const value = env[reference.env];
    if (!value) throw new ConfigError(`${where}${field}: the environment variable ${reference.env} is not set`);
    found.set(field, value);
    return value;
  }
  try {
    const value = readFileSync(path.resolve(base, reference.file), 'utf8').trim();
    found.set(field, value);
    return value;
  } catch (error) {
    throw new ConfigError(
      `${where}${field}: ${reference.file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    const flag = /'-{1,2}([^'=\s]+)/.exec((error as Error).message)?.[1];
    const meant = flag && likelyMeant(flag, Object.keys(OPTIONS));
    throw new ConfigError(
      `${(error as Error).message.split('.')[0]}.${meant ? ` Did you mean --${meant}?` : ''}\n\n${USAGE}`,
    );
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`--port: "${text}" is not a port number (0–65535)`);
}

const ROLES: readonly Role[] = ['gateway', 'admin', 'analytics'];

function parseRoles(text: string | undefined): ReadonlySet<Role> {
  const roles = (text ?? 'gateway,admin').split(',').map((role) => role.trim());
  for (const role of roles) {
    if (!ROLES.some((known) => known === role))
      throw new ConfigError(`--role: "${role}" is not one of ${ROLES.join(', ')}`);
  }
  return new Set(ROLES.filter((role) => roles.includes(role)));
}

/** True for addresses only this machine reaches. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|\[?::1\]?|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i.test(host);
}
