import type { Endpoint } from '@ghostline/inference';
import { createGuardedFetch } from '@ghostline/outgoing';
import {
  ConfigError,
  type EndpointSettings,
  type ModelSettings,
  type RedisSettings,
  type Settings,
} from '../config/index.ts';
import { checkAnalytics } from './check-analytics.ts';
import { checkDataDir } from './check-data-dir.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { checkListening } from './check-listening.ts';
import { checkClock, checkNode, checkOpenFiles, openFilesLimit } from './check-machine.ts';
import { type RedisUnderTest, checkRedis } from './check-redis.ts';
import { type Finding, exitCodeOf, failure, ok, renderFindings, warning } from './finding.ts';
import { networkReasonOf } from './network-reason.ts';

export interface DoctorTools {
  readonly version: string;
  readonly load: () => Settings;
  readonly buildEndpoint: (model: ModelSettings, endpoint: EndpointSettings) => Endpoint;
  /** Connected; rejects when there is none to be had. */
  readonly openRedis: (settings: RedisSettings) => Promise<RedisUnderTest>;
  readonly canResolve: (name: string) => boolean;
  readonly json: boolean;
  readonly stdout: (text: string) => void;
}

type Clocks = { readonly whose: string; readonly aheadMs: number }[];

/** `ghostline doctor`: looks at everything a server needs, as it would use it. Returns the exit code. */
export async function runDoctor(tools: DoctorTools): Promise<number> {
  const findings: Finding[] = [checkNode(process.version), checkOpenFiles(openFilesLimit(process.report.getReport()))];
  const settings = loadOrSay(tools.load, findings);
  if (settings) findings.push(...(await checkSettings(settings, tools)));
  tools.stdout(
    tools.json ? `${JSON.stringify({ version: tools.version, findings }, null, 2)}\n` : renderFindings(findings),
  );
  return exitCodeOf(findings);
}

function loadOrSay(load: () => Settings, findings: Finding[]): Settings | undefined {
  try {
    const settings = load();
    findings.push(ok('configuration', settings.configFile ?? 'none: everything embedded, loopback only'));
    return settings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push(
      failure('configuration', error.message, 'Mend that first: nothing that depends on it was looked at.'),
    );
    return undefined;
  }
}

async function checkSettings(settings: Settings, tools: DoctorTools): Promise<Finding[]> {
  const clocks: Clocks = [];
  const endpoints = settings.models.flatMap((model) => model.endpoints.map((endpoint) => ({ model, endpoint })));
  // Alone: what else goes on here would count as its time.
  const { findings: redis, aheadMs } = settings.redis
    ? await checkRedis(settings.redis, tools.openRedis)
    : { findings: [] };
  if (aheadMs !== undefined) clocks.push({ whose: 'Redis', aheadMs });
  const [analytics, listening, tracing, ...asked] = await Promise.all([
    checkAnalytics(settings.analytics, tools.canResolve),
    checkListening(settings.listen, tools.version),
    settings.tracing ? [await checkTracing(settings.tracing)] : [],
    ...endpoints.map(async ({ model, endpoint }) => {
      const { findings, clock } = await checkEndpoint(model, endpoint, tools.buildEndpoint);
      if (clock) clocks.push(clock);
      return findings;
    }),
  ]);
  return [
    ...checkDataDir(settings.dataDir),
    ...listening,
    ...redis,
    analytics,
    ...asked.flat(),
    ...tracing,
    checkClock(clocks),
  ];
}

async function checkTracing({ url, allowPrivate, headers }: NonNullable<Settings['tracing']>): Promise<Finding> {
  const { origin } = new URL(url);
  const fix = 'Check tracing.otlp and its headers; until then, traces are lost and nothing else.';
  const address = `${url.replace(/\/+$/, '').replace(/\/v1\/traces$/, '')}/v1/traces`;
  try {
    const response = await createGuardedFetch({ allowPrivate })(address, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(3_000),
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"resourceSpans":[]}',
    });
    return response.ok
      ? ok('traces', `${origin} takes them`)
      : warning('traces', `${origin} answers ${response.status}`, fix);
  } catch (error) {
    return warning('traces', `${origin} does not answer (${networkReasonOf(error)})`, fix);
  }
}
