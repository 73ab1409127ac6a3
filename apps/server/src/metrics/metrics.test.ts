import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildInfo, createMetrics, endpointMetrics } from './index.ts';

const sources = path.join(import.meta.dirname, '..');
const repository = path.join(sources, '../../..');
const manual = readFileSync(path.join(repository, 'docs/operations.md'), 'utf8');

/** The table of docs/operations.md: name → `type labels`. */
const documented = new Map(
  [...manual.matchAll(/^\| `(ghostline_[a-z_]+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name, type, labels]) => [
    name!,
    `${type} ${[...labels!.matchAll(/`(\w+)`/g)]
      .map(([, label]) => label)
      .toSorted()
      .join()}`,
  ]),
);

/** Every name that the server's source registers, wherever. */
const registered = new Set(
  readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('analytics'))
    .flatMap((name) => readFileSync(path.join(sources, name), 'utf8').match(/'ghostline_[a-z_]+'/g) ?? [])
    .map((quoted) => quoted.slice(1, -1)),
);

/** Names in the alerts and the dashboard under `deploy/`, without what Prometheus adds to histograms. */
const watched = (file: string) =>
  new Set(
    (readFileSync(path.join(repository, 'deploy', file), 'utf8').match(/\bghostline_[a-z_]+/g) ?? []).map((name) =>
      name.replace(/_(?:bucket|sum|count)$/, ''),
    ),
  );

describe('what is deployed beside the gateways', () => {
  it.each(['prometheus-alerts.yaml', 'grafana-dashboard.json'])('watches metrics that there are: %s', (file) => {
    const names = [...watched(file)];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !documented.has(name))).toEqual([]);
  });

  it('can be read by what reads it, and every alert says what to do', () => {
    const read = (file: string) => readFileSync(path.join(repository, 'deploy', file), 'utf8');
    const { groups } = parse(read('prometheus-alerts.yaml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string; action: string } }[] }[];
    };
    for (const { alert, expr, annotations } of groups.flatMap(({ rules }) => rules)) {
      expect(alert).toMatch(/^Ghostline[A-Z]/);
      expect(expr, alert).toMatch(/[<>=]/);
      expect(annotations.action.length, alert).toBeGreaterThan(20);
    }
    const { panels } = JSON.parse(read('grafana-dashboard.json')) as { panels: { id: number }[] };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('the metrics', () => {
  it('are all in the table of docs/operations.md, which names no others', () => {
    expect([...documented.keys()].toSorted()).toEqual([...registered].toSorted());
  });

  it('have the types and labels of the table', async () => {
    const metrics = createMetrics();
    buildInfo(metrics, { version: '1', node: 'v24', region: 'eu' });
    endpointMetrics(metrics, () => [{ model: 'm', endpoint: 'e', region: 'eu', state: 'ok', inFlight: 0 }]);
    const own = metrics.registry.getMetricsAsArray().filter(({ name }) => name.startsWith('ghostline_'));
    expect(own.length).toBeGreaterThan(8);
    for (const metric of own) {
      const { labelNames } = metric as unknown as { labelNames: readonly string[] };
      const type = metric.constructor.name.toLowerCase();
      expect(`${type} ${labelNames.toSorted().join()}`, metric.name).toBe(documented.get(metric.name));
    }
  });

  it('have standard names and units', async () => {
    const names = await createMetrics().registry.metrics();
    expect(names).toMatch(/^# TYPE process_cpu_seconds_total counter$/m);
    expect(names).toMatch(/^# TYPE nodejs_eventloop_lag_p99_seconds gauge$/m);
    for (const [name, type] of documented) {
      expect(name.endsWith('_total'), name).toBe(type.startsWith('counter'));
      expect(name, 'base units, without prefixes').not.toMatch(/_(?:ms|milliseconds|kb|mb|minutes|percent)(?:_|$)/);
    }
  });

  it('say of an endpoint that nobody tried neither that it works nor that it fails', async () => {
    const metrics = createMetrics();
    const states = ['ok', 'failing', 'unknown'] as const;
    endpointMetrics(metrics, () =>
      states.map((state) => ({ model: 'm', endpoint: state, region: 'eu', state, inFlight: 2 })),
    );
    const lines = (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('ghostline_endpoint_up{'));
    expect(lines).toEqual([
      'ghostline_endpoint_up{model="m",endpoint="ok",region="eu"} 1',
      'ghostline_endpoint_up{model="m",endpoint="failing",region="eu"} 0',
    ]);
  });
});
