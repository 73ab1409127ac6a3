import type { ReactNode } from 'react';
import { formatCount, formatHeadline, formatInterval, formatMs, formatShare } from '../format.ts';
import { DownIcon, UpIcon } from '../frame/icons.tsx';
import { type Change, changeOfCount, changeOfLatency, changeOfRate } from './change.ts';
import { DEFINITIONS, Definition } from './definitions.tsx';
import type { Snapshot } from './load-acceptance.ts';
import { wilson } from './wilson.ts';

/** The figures a leader reads, and nothing else. */
export function Headline({ snapshot: { total, latency, before } }: { snapshot: Snapshot }) {
  const shown = total?.shown ?? 0;
  const accepted = total?.accepted ?? 0;
  const chars = total?.accepted_chars ?? 0;
  const partial = total?.partially_accepted ?? 0;
  const rejected = total?.rejected ?? 0;
  const rate = total?.acceptance_rate ?? null;
  const used = accepted + partial;
  const likely = wilson(accepted, shown);
  const likelyBefore = before.total && wilson(before.total.accepted, before.total.shown);
  const { p50, p90, p99 } = percentiles(latency);
  const past = percentiles(before.latency);
  return (
    <div className="headline">
      <dl className="panel strip">
        <Stat
          id="acceptance-rate"
          definition="rate"
          value={rate}
          text={formatShare(rate)}
          change={changeOfRate(rate, before.total?.acceptance_rate, likely, likelyBefore)}
          main
        >
          {likely && <>likely {formatInterval(likely)}</>}
        </Stat>
        <Stat
          id="shown-total"
          definition="shown"
          value={shown}
          text={formatHeadline(shown)}
          change={changeOfCount(shown, before.total?.shown)}
        >
          {formatCount(rejected)} rejected
        </Stat>
        <Stat
          id="accepted-total"
          definition="accepted"
          value={accepted}
          text={formatHeadline(accepted)}
          change={changeOfCount(accepted, before.total?.accepted)}
        >
          {formatCount(partial)} more in part
        </Stat>
        <Stat
          id="accepted-chars"
          definition="chars"
          value={chars}
          text={formatHeadline(chars)}
          change={changeOfCount(chars, before.total?.accepted_chars)}
        >
          {used > 0 && <>{formatCount(Math.round(chars / used))} per suggestion used</>}
        </Stat>
      </dl>
      <dl className="panel strip">
        <Stat
          id="latency-p50"
          definition="latency"
          term="Latency p50"
          value={p50}
          text={formatMs(p50)}
          change={changeOfLatency(p50, past.p50)}
        >
          half come faster
        </Stat>
        <Stat id="latency-p90" term="p90" value={p90} text={formatMs(p90)} change={changeOfLatency(p90, past.p90)}>
          9 in 10 come faster
        </Stat>
        <Stat id="latency-p99" term="p99" value={p99} text={formatMs(p99)} change={changeOfLatency(p99, past.p99)}>
          99 in 100 come faster
        </Stat>
        <Stat
          id="under-300"
          definition="under300"
          value={latency?.under_300_ms ?? null}
          text={formatShare(latency?.under_300_ms ?? null)}
          change={changeOfRate(
            latency?.under_300_ms,
            before.latency?.under_300_ms,
            shareInterval(latency),
            shareInterval(before.latency),
          )}
        >
          of shown suggestions
        </Stat>
      </dl>
    </div>
  );
}

function percentiles(row: Snapshot['latency']) {
  return { p50: row?.shown_p50_ms ?? null, p90: row?.shown_p90_ms ?? null, p99: row?.shown_p99_ms ?? null };
}

function shareInterval(row: Snapshot['latency']) {
  return row && wilson(Math.round((row.under_300_ms ?? 0) * row.shown), row.shown);
}

interface StatProps {
  /** For tests and scripts: `data-testid` of the value, which is also machine-readable in `value`. */
  id: string;
  definition?: keyof typeof DEFINITIONS;
  term?: string;
  value: number | null;
  text: string;
  change: Change | undefined;
  main?: boolean;
  children?: ReactNode;
}

function Stat({ id, definition, term, value, text, change, main = false, children }: StatProps) {
  return (
    <div className="stat" data-main={main}>
      <dt className="stat-term">
        {term ?? (definition && DEFINITIONS[definition].term)}
        {definition && <Definition of={definition} />}
      </dt>
      <dd>
        <data className="stat-value" data-testid={id} value={value ?? ''}>
          {text}
        </data>
        <p className="stat-notes">
          {change && (
            <span className="change" data-news={change.news}>
              {change.up ? <UpIcon /> : <DownIcon />}
              <span className="visually-hidden">{change.up ? 'up' : 'down'}</span>
              {change.text}
            </span>
          )}
          {children && <span>{children}</span>}
        </p>
      </dd>
    </div>
  );
}
