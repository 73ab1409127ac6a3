import { useState } from 'react';
import { KeyForm } from '../frame/key-form.tsx';
import { Definitions } from './definitions.tsx';
import { FailureBanner, FailureNotice } from './failures.tsx';
import { Figures } from './figures.tsx';
import { Freshness } from './freshness.tsx';
import { NoData } from './no-data.tsx';
import { RangePicker } from './range-picker.tsx';
import { type RangeName, rangeFromSearch } from './range.ts';
import { Skeleton } from './skeleton.tsx';
import { Spending } from './spending/spending.tsx';
import { useSnapshot } from './use-snapshot.ts';
import type { View } from './view.ts';

export function AcceptancePage() {
  const [range, setRange] = useState(() => rangeFromSearch(location.search));
  const { view, settling, reload } = useSnapshot(range);
  const pick = (name: RangeName) => {
    history.replaceState(null, '', `?range=${name}`);
    setRange(name);
  };
  return (
    <main id="main" className="page" data-state={view.kind} aria-busy={view.kind === 'loading'}>
      <header className="page-head">
        <div>
          <h1>Acceptance</h1>
          <p className="lede">What developers were shown, and what they kept.</p>
        </div>
        <div className="page-tools">
          {'snapshot' in view && <Freshness snapshot={view.snapshot} stale={view.failure !== undefined} />}
          {view.kind !== 'locked' && <RangePicker range={range} onPick={pick} />}
        </div>
      </header>
      <div className="page-body" data-settling={settling}>
        <Body view={view} range={range} onPick={pick} onRetry={reload} />
      </div>
      {view.kind !== 'locked' && view.kind !== 'loading' && <Spending />}
      {view.kind !== 'locked' && <Definitions />}
      <footer className="page-foot">
        <a href="/docs">API reference</a>
        <a href="/openapi.json">OpenAPI document</a>
        <a href="/metrics">Prometheus metrics</a>
      </footer>
    </main>
  );
}

interface BodyProps {
  view: View;
  range: RangeName;
  onPick: (range: RangeName) => void;
  onRetry: () => void;
}

function Body({ view, range, onPick, onRetry }: BodyProps) {
  switch (view.kind) {
    case 'loading':
      return <Skeleton />;
    case 'locked':
      return (
        <KeyForm
          failure={view.failure}
          purpose="Acceptance figures are for admins: enter an API key that has the admin role."
        />
      );
    case 'failed':
      return <FailureNotice failure={view.failure} onRetry={onRetry} />;
    case 'empty':
      return (
        <>
          {view.failure && <FailureBanner failure={view.failure} onRetry={onRetry} />}
          <NoData range={range} onPick={onPick} />
        </>
      );
    case 'figures':
      return (
        <>
          {view.failure && <FailureBanner failure={view.failure} onRetry={onRetry} />}
          <Figures snapshot={view.snapshot} />
        </>
      );
  }
}
