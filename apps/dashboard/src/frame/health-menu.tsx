import { useQuery } from '@tanstack/react-query';
import { readiness } from '../api/reports.ts';
import { componentName, healthOf } from './health.ts';

const POLL_MS = 10_000;

/** The state of the server in one word; of every component, when asked. */
export function HealthMenu() {
  const query = useQuery({
    queryKey: ['readiness'],
    queryFn: ({ signal }) => readiness(signal),
    refetchInterval: POLL_MS,
    retry: false,
  });
  const health = healthOf(query.data, !query.isError);
  return (
    <>
      <button type="button" className="health" popoverTarget="health-detail" data-level={health.level}>
        <span className="dot" aria-hidden="true" />
        <span className="health-label">{health.label}</span>
      </button>
      <div id="health-detail" popover="auto" className="popover health-detail">
        {query.data && !query.isError ? (
          <>
            <p className="popover-title">
              Region {query.data.region} <span className="quiet">version {query.data.version}</span>
            </p>
            <ul>
              {Object.entries(query.data.components).map(([name, { state, detail }]) => (
                <li key={name} data-level={state}>
                  <span className="dot" aria-hidden="true" />
                  <span>
                    <b>{componentName(name)}</b> <span className="quiet">{state}</span>
                    {detail && <small>{detail}</small>}
                  </span>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <p>/readyz {query.isError ? 'does not answer' : 'has not answered yet'}.</p>
        )}
      </div>
    </>
  );
}
