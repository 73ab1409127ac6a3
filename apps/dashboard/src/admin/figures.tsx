import { AcceptanceChart } from './acceptance-chart.tsx';
import { GroupTable } from './group-table.tsx';
import { Headline } from './headline.tsx';
import { LatencyChart } from './latency-chart.tsx';
import type { Snapshot } from './load-acceptance.ts';

/** Everything there is to show when something was shown. */
export function Figures({ snapshot }: { snapshot: Snapshot }) {
  const { period, timeline, languages, models, total } = snapshot;
  const shown = total?.shown ?? 0;
  return (
    <>
      <Headline snapshot={snapshot} />
      <AcceptanceChart timeline={timeline} interval={period.interval} />
      <div className="side-by-side">
        <GroupTable dimension="language" title="By language" groups={languages} total={shown} />
        <GroupTable dimension="model" title="By model" groups={models} total={shown} />
      </div>
      <LatencyChart timeline={timeline} interval={period.interval} />
    </>
  );
}
