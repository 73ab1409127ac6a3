import process from 'node:process';
import pino from 'pino';
import { openAccess } from './compose/access.ts';
import { connectAnalytics, runAnalytics } from './compose/analytics.ts';
import { assembleApp } from './compose/app.ts';
import { doctorCommand } from './compose/doctor-command.ts';
import { endOnSignals } from './compose/ending.ts';
import { installationAt } from './compose/installation.ts';
import { keysCommand } from './compose/keys-command.ts';
import { openLimiting } from './compose/limiting.ts';
import { createModels } from './compose/models.ts';
import { connectRedis } from './compose/redis.ts';
import { createReloading } from './compose/reloading.ts';
import { openTelemetry } from './compose/telemetry.ts';
import { connectTracing } from './compose/tracing.ts';
import { openWebServer } from './compose/web.ts';
import { ConfigError, type Settings, USAGE, loadSettings, surroundings } from './config/index.ts';
import { givenOrGenerated, lockDataDir } from './data-dir.ts';
import { createCompletionIds } from './gateway/completion-id.ts';
import { createDrain } from './http/drain.ts';
import { createLog } from './log.ts';
import { buildInfo, createMetrics } from './metrics/index.ts';
import { reportReload, watchFile } from './reload/index.ts';
import { welcome } from './welcome.ts';

const installation = installationAt(import.meta.filename);

try {
  const started = surroundings();
  const [command, ...argv] = started.argv;
  if (command === 'keys') process.exitCode = await keysCommand({ ...started, argv });
  else if (command === 'doctor') process.exitCode = await doctorCommand({ ...started, argv }, installation);
  else await serveCommand(loadSettings(started));
} catch (error) {
  process.stderr.write(
    `\n✗ ${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
}

async function serveCommand(settings: ReturnType<typeof loadSettings>): Promise<void> {
  if (settings === 'help') process.stdout.write(USAGE);
  else if (settings === 'version') process.stdout.write(`ghostline ${installation.version}\n`);
  else await (settings.roles.has('analytics') ? runAnalytics(settings) : serve(settings));
}

/** Gateway, admin, or both. Each part takes those above it that it needs; they are closed from the last to the first. */
async function serve(settings: Settings): Promise<void> {
  const open = new AsyncDisposableStack();
  const opened = <Part extends { close(): unknown }>(part: Part): Part => {
    open.defer(async () => void (await part.close()));
    return part;
  };

  const log = createLog({ level: settings.logLevel, region: settings.region }, pino.destination(2));
  const metrics = createMetrics();
  buildInfo(metrics, { version: installation.version, node: process.version, region: settings.region });

  const lock = opened(lockDataDir(settings.dataDir));
  const analytics = opened(connectAnalytics(settings, log, installation));
  const telemetry = opened(await openTelemetry({ settings, analytics, installation, metrics, log }));
  const redis = opened(connectRedis(settings, log));

  const ids = createCompletionIds(givenOrGenerated(settings.secrets.idKey, settings.dataDir, 'id-key'));
  const models = opened(createModels({ settings, redis, ids, installation, metrics }));
  const limiting = opened(await openLimiting({ settings, redis, metrics, log }));
  const access = opened(await openAccess({ settings, redis, metrics, log }));
  const reloader = createReloading({ settings, models, limiting, access, metrics, log });
  const { tracing } = opened(await connectTracing(reloader.settings, log, installation));
  const drain = createDrain(() => performance.now());
  const parts = { settings, reloader, installation, log, metrics, tracing, access, limiting, ids, models };
  const app = assembleApp({ ...parts, telemetry, drain });

  const web = await openWebServer({ listen: settings.listen, fetch: app.fetch, metrics, log });
  open.defer(() => {
    drain.finish(settings.drain.finishMs);
    return web.finish(settings.drain.finishMs);
  });

  const end = endOnSignals({
    drain,
    announceMs: settings.drain.announceMs,
    log,
    close: () => open.disposeAsync(),
  });
  const reload = () => reportReload(log, reloader.reload());
  const watching = new AbortController();
  // In a terminal it says that the window was closed; to a service it is the word for reading the configuration again.
  process.on('SIGHUP', () => (process.stdout.isTTY ? end() : reload()));
  open.defer(() => watching.abort());
  if (settings.configFile !== undefined)
    watchFile({ file: settings.configFile, onChange: reload, signal: watching.signal });

  // Whoever reads what is printed may be gone: that is no reason to end.
  process.stdout.on('error', () => {});
  lock.announce(web.url);
  process.stdout.write(
    welcome(settings, { url: web.url, version: installation.version, vsix: installation.vsix, access }),
  );
}
