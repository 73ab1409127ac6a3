import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createAccess } from '@ghostline/access';
import { createEngine } from '@ghostline/engine';
import {
  type Endpoint,
  type EndpointHealth,
  createInference,
  createNgramEndpoint,
  createOpenAiEndpoint,
  createParallelCandidates,
} from '@ghostline/inference';
import { createClickHouseStore, createForwarder, openEventLog } from '@ghostline/telemetry';
import type { ComponentState } from '@ghostline/protocol';
import { Redis } from 'ioredis';
import pino, { type Logger } from 'pino';
import { serveAnalytics, superviseAnalytics } from './analytics/index.ts';
import { createApp } from './app.ts';
import { openToOthers } from './auth-settings.ts';
import {
  ConfigError,
  type ModelSettings,
  type Settings,
  type Surroundings,
  USAGE,
  childEnvironment,
  isLoopback,
  loadKeysSettings,
  loadSettings,
  reloadSettings,
  surroundings,
} from './config.ts';
import { generatedSecret, lockDataDir } from './data-dir.ts';
import { DOCTOR_HELP, runDoctor } from './doctor/index.ts';
import { createEndpoints } from './endpoints.ts';
import { createCompletionIds } from './gateway/completion-id.ts';
import { createRequestRows } from './gateway/request-rows.ts';
import {
  type Certificate,
  type CertificateFiles,
  createCertificateCheck,
  loadCertificate,
} from './http/certificate.ts';
import { createClientAddress } from './http/client-address.ts';
import { createDrain } from './http/drain.ts';
import { listen } from './http/listen.ts';
import { createWebServer } from './http/web-server.ts';
import { keyStores } from './key-stores.ts';
import { KEYS_HELP, type KeysCommand, parseKeysCommand } from './keys/arguments.ts';
import { runKeysCommand } from './keys/run.ts';
import { createLimiting } from './limits/limiting.ts';
import { createLog } from './log.ts';
import { buildInfo, createMetrics, endpointMetrics, reloadMetrics, sampledGauge } from './metrics.ts';
import { cacheMetrics } from './cache-metrics.ts';
import { createRedisCache, redisState } from './redis-cache.ts';
import { redisOptions } from './redis-client.ts';
import { createReloader, reportReload, watchFile } from './reload/index.ts';
import { createTracing } from './tracing/index.ts';
import { promptMetrics } from './prompt-metrics.ts';
import { createTokenCounters } from './token-counters.ts';
import { welcome } from './welcome.ts';

/** Groups with fewer users than this are not reported when users are known apart (the floor of Copilot's metrics). */
const MINIMUM_USERS = 5;

const OK: ComponentState = { state: 'ok' };

const here = import.meta.dirname;
const { version } = JSON.parse(readFileSync(path.join(here, '../package.json'), 'utf8')) as { version: string };
/** How often the files of a certificate are looked at: they are renewed days before the old one ends. */
const CERTIFICATE_CHECK_MS = 10_000;
/** For what is left to deliver at the end; the rest is delivered by the next start. */
const FLUSH_MS = 3_000;
/** A start waits as long for Redis, to know its keys before the first request; then it goes on without. */
const REDIS_AT_START_MS = 1_000;
/** How long `ghostline keys` waits for Redis, and then for all that it asks of its stores. */
const REDIS_FOR_KEYS_MS = 3_000;
const KEYS_TIMEOUT_MS = 10_000;
/** A report over weeks of a big organisation takes seconds; more means that the store is stuck. */
const STORE_TIMEOUT_MS = 30_000;

try {
  const started = surroundings();
  if (started.argv[0] === 'keys') process.exitCode = await runKeys(parseKeysCommand(started.argv.slice(1), Date.now()));
  else if (started.argv[0] === 'doctor')
    process.exitCode = await runDiagnosis({ ...started, argv: started.argv.slice(1) });
  else await runRole(loadSettings(started));
} catch (error) {
  process.stderr.write(
    `\n✗ ${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
}

async function runRole(settings: ReturnType<typeof loadSettings>): Promise<void> {
  if (settings === 'help') process.stdout.write(USAGE);
  else if (settings === 'version') process.stdout.write(`ghostline ${version}\n`);
  else await (settings.roles.has('analytics') ? runAnalytics(settings) : runServer(settings));
}

/** `ghostline doctor`: nothing of it is taken or changed, so that it may be asked about a server that runs. Returns the exit code. */
async function runDiagnosis({ argv, ...where }: Surroundings): Promise<number> {
  const settingsArgv = argv.filter((argument) => argument !== '--json');
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(DOCTOR_HELP);
    return 0;
  }
  return runDoctor({
    version,
    load() {
      const settings = loadSettings({ ...where, argv: settingsArgv });
      if (typeof settings === 'string') throw new ConfigError(`--${settings} is for serve`);
      return settings;
    },
    buildEndpoint,
    async openRedis(url) {
      const redis = new Redis(url, { ...redisOptions(), retryStrategy: () => null });
      await readyOrAway(redis);
      return redis;
    },
    canResolve(name) {
      try {
        return import.meta.resolve(name) !== '';
      } catch {
        return false;
      }
    },
    json: argv.includes('--json'),
    stdout: (text) => process.stdout.write(text),
  });
}

/** `ghostline keys`: on the stores themselves, whether a server runs or not. Returns the exit code. */
async function runKeys(command: KeysCommand): Promise<number> {
  if (command.kind === 'help') process.stdout.write(KEYS_HELP);
  if (command.kind === 'misuse') process.stderr.write(`ghostline: ${command.detail}\n`);
  if (command.kind === 'help' || command.kind === 'misuse') return command.kind === 'help' ? 0 : 2;
  const { auth, configFile, dataDir, redisUrl } = loadKeysSettings(command.place, surroundings());
  const redis =
    redisUrl === undefined ? undefined : new Redis(redisUrl, { ...redisOptions(), retryStrategy: () => null });
  try {
    if (redis) await readyOrAway(redis);
    const [first, ...others] = keyStores(dataDir, redis);
    return await runKeysCommand(command, {
      stores: [first.store, ...others.map(({ store }) => store)],
      fixedKeys: auth.fixedKeys,
      required: auth.required,
      configFile,
      known: existsSync(dataDir),
      dataDir,
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
      now: Date.now,
      signal: AbortSignal.timeout(KEYS_TIMEOUT_MS),
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`The keys cannot be read or changed: ${reasonOf(error)}`, { cause: error });
  } finally {
    redis?.disconnect();
  }
}

/** Resolves when the client is connected; rejects with the reason when it is not in time. */
async function readyOrAway(redis: Redis): Promise<void> {
  redis.on('error', () => {});
  const settled = new AbortController();
  const ready = once(redis, 'ready').then(() => undefined, reasonOf);
  const late = wait(REDIS_FOR_KEYS_MS, 'it does not answer', settled);
  const trouble = await Promise.race([ready, late]);
  settled.abort();
  if (trouble === undefined) return;
  throw new ConfigError(`Redis, where the keys of this configuration are, cannot be reached: ${trouble}`);
}

/** The analytics process: owns the embedded store, speaks to its parent over loopback, and ends with it. */
async function runAnalytics(settings: Settings): Promise<void> {
  const { analytics, dataDir } = settings;
  if (analytics.kind !== 'embedded' || analytics.childToken === undefined || !process.send) {
    throw new ConfigError(
      '--role analytics is started by the gateway itself; set analytics.url to use a ClickHouse server instead.',
    );
  }
  await serveAnalytics({
    dataDir: path.join(dataDir, 'analytics'),
    token: analytics.childToken,
    port: analytics.childPort,
  });
}

/** Gateway, admin, or both: everything is built and wired here, and torn down in the reverse order. */
async function runServer(settings: Settings): Promise<void> {
  const log = createLog({ level: settings.logLevel, region: settings.region }, pino.destination(2));
  const lock = lockDataDir(settings.dataDir);
  const metrics = createMetrics();

  const analytics = connectAnalytics(settings, log);
  const store = createClickHouseStore({ client: analytics.client });
  const eventLogFile = path.join(settings.dataDir, 'events.sqlite');
  const eventLog = await openEventLog({ path: eventLogFile, ...workerAt('event-log') }).catch((cause: unknown) => {
    throw new ConfigError(`--data-dir: the event log cannot be opened: ${reasonOf(cause)} (${eventLogFile})`, {
      cause,
    });
  });
  const forwarder = createForwarder({
    log: eventLog,
    store,
    gateway: `${hostname()}:${settings.dataDir}`,
    onError: (error, retryInMs) => {
      // While the store is starting that is no news.
      const level = analytics.state(undefined).state === 'degraded' ? 'debug' : 'warn';
      log[level]({ reason: reasonOf(error), retryInMs }, 'events wait in the log: the store does not take them');
    },
  });

  const endpointsOf = createEndpoints(buildEndpoint);
  const inference = createInference({
    region: settings.region,
    models: endpointsOf(settings.models),
  });
  const redis = connectRedis(settings, log);
  const sharedCache = redis && createRedisCache(redis);
  const limitsRedis = connectLimits(settings);
  const limiting = createLimiting({ settings, redis: limitsRedis, metrics, log });
  const ids = createCompletionIds(secretOf(settings, 'idKey', 'id-key'));
  const tokenCounters = createTokenCounters(settings.models, workerAt('tiktoken'));
  const engine = createEngine({
    inference,
    tokenCounters,
    models: settings.models,
    cacheSecret: secretOf(settings, 'cacheKey', 'cache-key'),
    previousCacheSecrets: settings.secrets.previousCacheKeys.map((text) => Buffer.from(text, 'utf8')),
    cache: settings.cache,
    ...(sharedCache && { sharedCache }),
    safety: settings.safety,
    onDecision: ({ action, reason }) => metrics.safety.inc({ action, reason }),
    newCompletionId: ids.create,
    onCacheError: () => metrics.cacheErrors.inc(),
  });

  const rows = createRequestRows({
    eventLog,
    notify: forwarder.notify,
    onLost: (count) => metrics.recordsLost.inc(count),
  });

  const traces = await connectTracing(settings, log, () => reloader.settings.current);
  const reloader = createReloader({
    initial: settings,
    load: () => reloadSettings(surroundings(), settings),
    parts: [
      {
        fields: ['models', 'safety', 'cache.epoch'],
        settings: ['models', 'safety', 'cache'],
        prepare({ models, safety, cache }) {
          const reconfigureEngine = engine.prepare({ models, safety, cache });
          const endpoints = endpointsOf(models);
          return () => {
            inference.replace(endpoints);
            reconfigureEngine();
            tokenCounters.replace(models);
          };
        },
      },
      {
        fields: ['auth'],
        settings: ['auth'],
        prepare:
          ({ auth }) =>
          () =>
            access.configure(auth),
      },
      { fields: ['limits', 'budgets', 'spending', 'models'], settings: ['limiting'], prepare: limiting.prepare },
      { fields: ['regions'], settings: ['regions'] },
      { fields: ['tracing.sampleRatio', 'tracing.users'], settings: ['tracing'] },
      {
        fields: ['log'],
        settings: ['logLevel'],
        prepare:
          ({ logLevel }) =>
          () =>
            void (log.level = logLevel),
      },
    ],
  });
  reloadMetrics(metrics, reloader.status);
  const drain = createDrain(() => performance.now());
  // What is stopped is known before anything is spent: from Redis, or from the copy here of what it said last.
  const connected = Promise.all([redis, limitsRedis].map((each) => each && ready(each)));
  await Promise.race([connected.then(() => limiting.stops.poll()), wait(REDIS_AT_START_MS, undefined, { ref: false })]);
  const access = createAccess({
    ...settings.auth,
    stores: keyStores(settings.dataDir, redis),
    onRefused: (reason) => metrics.refusals.inc({ reason }),
    onSlowed: (address, waitMs) =>
      log.warn(
        { address, waitMs },
        'unknown keys or tokens come from one address: others from there wait. If it is a proxy, name it in listen.trustedProxies',
      ),
    onRequired: () => log.warn('there are API keys: from now on requests need one, those from this machine too'),
  });
  await access.ready;
  for (const url of openToOthers(settings.auth.issuers, isLoopback)) {
    log.warn(
      { url },
      'the keys of an issuer come over plain HTTP: whoever is on the way can make tokens; use https://',
    );
  }
  const app = createApp({
    log,
    tracing: traces?.tracing,
    hsts: settings.listen.tls !== undefined && !isLoopback(settings.listen.host),
    authenticator: access.authenticate,
    clientAddress: createClientAddress(settings.listen.trustedProxies),
    health: {
      region: settings.region,
      get regions() {
        return reloader.settings.current.regions;
      },
      version,
      metrics,
      draining: () => drain.draining,
      components,
      // By configuration alone: what keys add is no reason to answer other hosts and origins.
      authenticated: settings.auth.required,
    },
    ...(settings.roles.has('gateway') && {
      gateway: {
        engine,
        get safety() {
          return reloader.settings.current.safety;
        },
        region: settings.region,
        newCompletionId: ids.create,
        record: rows.add,
        metrics,
        log,
        eventLog,
        ids,
        notify: forwarder.notify,
        gate: limiting.gate,
        intake: limiting.intake,
        isTooLate: drain.isTooLate,
      },
    }),
    ...(settings.roles.has('admin') && {
      admin: {
        store,
        minimumUsers: () => (access.required() ? MINIMUM_USERS : 1),
        log,
        spending: { ...limiting, settings: () => reloader.settings.current.limiting, log },
        pages: path.join(here, '../../dashboard/dist'),
        config: reloader,
      },
    }),
  });
  sampledGauge(
    metrics,
    'ghostline_event_log_pending',
    'Records not yet in the analytics store',
    () => eventLog.state().pending,
  );
  sampledGauge(
    metrics,
    'ghostline_event_log_lag_seconds',
    'Age of the oldest of them',
    () => forwarder.stats().lagMs / 1000,
  );

  cacheMetrics(metrics, engine);
  promptMetrics(metrics, engine);
  buildInfo(metrics, { version, node: process.version, region: settings.region });
  endpointMetrics(metrics, inference.health);

  const { tls, http2Cleartext } = settings.listen;
  const certificate = tls && certificateIn(tls);
  const web = createWebServer({ fetch: app.fetch, certificate, http2Cleartext });
  if (tls && certificate) {
    const check = createCertificateCheck({
      load: (known) => loadCertificate(tls, known),
      initial: certificate,
      onChange(renewed) {
        web.useCertificate(renewed);
        log.info({ validTo: renewed.validTo }, 'new connections get the renewed certificate');
      },
      onUnusable: (reason) =>
        log.error({ reason }, 'the certificate in use stays: the one in its files cannot be used'),
    });
    setInterval(check, CERTIFICATE_CHECK_MS).unref();
  }
  const url = await listen(web, settings.listen);
  // Whoever reads what is printed may be gone: that is no reason to end.
  process.stdout.on('error', () => {});
  process.once('SIGTERM', () => void stop(settings.drain.announceMs));
  process.once('SIGINT', () => void stop(0));
  const watching = new AbortController();
  const reload = () => reportReload(log, reloader.reload());
  // In a terminal it says that the window was closed; to a service it is the word for reading the configuration again.
  process.on('SIGHUP', () => (process.stdout.isTTY ? void stop(0) : reload()));
  if (settings.configFile !== undefined)
    watchFile({ file: settings.configFile, onChange: reload, signal: watching.signal });
  lock.announce(url);
  const vsix = path.join(here, '../../extension/dist/ghostline.vsix');
  process.stdout.write(welcome(settings, { url, version, vsix, access }));

  function components(): Record<string, ComponentState> {
    const { failure } = eventLog.state();
    const failing = inference.health().filter(({ state }) => state === 'failing');
    return {
      event_log: failure === undefined ? OK : { state: 'down', detail: failure },
      analytics: analytics.state(forwarder.stats().lastError),
      inference: failing.length === 0 ? OK : { state: 'degraded', detail: failing.map(describeFailure).join('; ') },
      ...access.states(),
      limits: limiting.state(),
      ...(redis && { redis: redisState(redis, engine.stats()) }),
    };
  }

  /** Finishes what is streaming, delivers what it can, and lets go of the data directory. A second signal ends at once. */
  async function stop(announceMs: number): Promise<void> {
    if (drain.draining) return;
    drain.announce();
    watching.abort();
    log.info({ announceMs }, 'draining');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
    if (announceMs > 0) await wait(announceMs);
    drain.finish(settings.drain.finishMs);
    await web.finish(settings.drain.finishMs);
    await limiting.close();
    await rows.flush();
    const deadline = AbortSignal.timeout(FLUSH_MS);
    await forwarder.flush(deadline).catch((error: unknown) => {
      const { pending } = eventLog.state();
      if (pending > 0) log.warn({ pending, reason: reasonOf(error) }, 'events stay in the log until the next start');
    });
    await forwarder.close(deadline);
    await eventLog.close();
    await Promise.all([inference.close(), analytics.close(), traces?.close(), access.close()]);
    await tokenCounters.close();
    redis?.disconnect();
    limitsRedis?.disconnect();
    lock.release();
    process.exit(0);
  }
}

function connectAnalytics(settings: Settings, log: Logger) {
  const { analytics } = settings;
  if (analytics.kind === 'clickhouse') {
    const { url, database, username, password } = analytics;
    const client = createClient({
      url,
      database,
      username,
      password,
      request_timeout: STORE_TIMEOUT_MS,
      // Callers get the error and log it in this program's own form.
      log: { level: ClickHouseLogLevel.OFF },
    });
    const state = (lastError: string | undefined): ComponentState =>
      lastError === undefined ? OK : { state: 'down', detail: lastError };
    return { client: () => client, state, close: () => client.close() };
  }
  const token = randomBytes(32).toString('hex');
  const args = [
    import.meta.filename,
    '--role',
    'analytics',
    '--data-dir',
    settings.dataDir,
    '--log-level',
    settings.logLevel,
  ];
  return superviseAnalytics({
    token,
    log,
    spawn: ({ port }) =>
      spawn(process.execPath, args, {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: childEnvironment({ token, port }),
      }),
  });
}

function buildEndpoint(model: ModelSettings, endpoint: ModelSettings['endpoints'][number]): Endpoint {
  if (endpoint.kind === 'ngram') return createNgramEndpoint({ ...endpoint, ...workerAt('ngram') });
  const { secret, candidates, ...rest } = endpoint;
  const asked = createOpenAiEndpoint({
    ...rest,
    template: model.template,
    model: endpoint.model ?? model.name,
    apiKey: secret,
  });
  return candidates === 'parallel' ? createParallelCandidates(asked) : asked;
}

/** OpenTelemetry is loaded when it is configured: nobody else pays for it. */
async function connectTracing({ tracing, region }: Settings, log: Logger, current: () => Settings) {
  if (tracing === undefined) return undefined;
  const { createOtlpSink } = await import('./tracing/otlp.ts');
  const { url, headers } = tracing;
  const sink = createOtlpSink({
    url,
    headers,
    version,
    region,
    instance: `${hostname()}:${process.pid}`,
    onState: (state) =>
      state.ok
        ? log.info('the receiver of traces is back')
        : log.warn({ reason: state.reason }, `traces are lost: ${new URL(url).origin} does not take them`),
  });
  // The embedded model is nobody's; all others are asked in the words of OpenAI's API.
  const isEmbedded = (endpoint: string) =>
    current().models.some(({ endpoints }) => endpoints.some(({ name, kind }) => name === endpoint && kind === 'ngram'));
  const requests = createTracing({
    get sampleRatio() {
      return current().tracing?.sampleRatio ?? 0;
    },
    get users() {
      return current().tracing?.users ?? false;
    },
    providerOf: (endpoint) => (isEmbedded(endpoint) ? 'ghostline' : 'openai'),
    emit: sink.emit,
  });
  return { tracing: requests, close: sink.close };
}

function certificateIn(files: CertificateFiles): Certificate {
  const loaded = loadCertificate(files);
  if (loaded.kind === 'unusable') throw new ConfigError(loaded.reason);
  return loaded.certificate;
}

function connectRedis({ redisUrl }: Settings, log: Logger): Redis | undefined {
  if (redisUrl === undefined) return undefined;
  const redis = new Redis(redisUrl, redisOptions());
  let said: string | undefined;
  redis.on('error', (error: Error) => {
    if (error.message !== said)
      log.warn(
        { reason: error.message },
        'Redis is away: this process goes on with its own cache, and with the keys it knows',
      );
    said = error.message;
  });
  redis.on('ready', () => {
    if (said !== undefined) log.info('Redis is back');
    said = undefined;
  });
  return redis;
}

/** Resolves when it is connected, or has failed to once. */
async function ready(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready').catch(() => {});
}

/** A connection of its own: a large answer on its way to the cache must not hold up a few bytes about limits. */
function connectLimits({ redisUrl }: Settings): Redis | undefined {
  if (redisUrl === undefined) return undefined;
  const redis = new Redis(redisUrl, redisOptions());
  // The limiter says itself when it is away.
  redis.on('error', () => {});
  return redis;
}

function describeFailure({ endpoint, lastError }: EndpointHealth): string {
  return `${endpoint}: ${lastError ?? 'failing'}`;
}

function secretOf({ secrets, dataDir }: Settings, field: 'cacheKey' | 'idKey', file: string): Uint8Array {
  const given = secrets[field];
  return given === undefined ? generatedSecret(dataDir, file) : Buffer.from(given, 'utf8');
}

/** The worker's file next to this one, when bundled; run from source, packages find their own. */
function workerAt(name: 'ngram' | 'event-log' | 'tiktoken'): { workerUrl?: URL } {
  return import.meta.filename.endsWith('.ts') ? {} : { workerUrl: new URL(`./workers/${name}.js`, import.meta.url) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
