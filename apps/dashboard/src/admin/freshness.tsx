import { useEffect, useState } from 'react';
import { formatAge } from '../format.ts';
import { type Snapshot, dataAge } from './load-acceptance.ts';

/** "Data as of 3 s ago", counting on between refreshes. */
export function Freshness({ snapshot, stale }: { snapshot: Snapshot; stale: boolean }) {
  const now = useNow();
  const age = dataAge(snapshot, now);
  return (
    <p className="freshness" data-testid="freshness" data-level={stale ? 'down' : age === undefined ? 'unknown' : 'ok'}>
      <span className="dot" aria-hidden="true" />
      {age === undefined ? 'Nothing delivered to the store yet' : `Data as of ${formatAge(age)} ago`}
    </p>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
