import type { Outcome } from '@ghostline/client';
import { formatMs } from '../format.ts';
import { ArrowIcon } from '../frame/icons.tsx';
import type { Trace, TraceEntry } from './trace.ts';

/** The last questions and what became of them. */
export function TracePanel({ trace }: { trace: Trace | undefined }) {
  const entries = trace?.entries ?? [];
  return (
    <aside className="trace" aria-labelledby="trace-title">
      <header>
        <h2 id="trace-title">Last requests</h2>
        <a href="/admin/">
          What is counted <ArrowIcon />
        </a>
      </header>
      {trace && entries.length > 0 ? (
        <ol data-testid="trace">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} trace={trace} />
          ))}
        </ol>
      ) : (
        <p className="trace-empty">
          Every question to the server appears here, with where its answer came from and what you made of it.
        </p>
      )}
    </aside>
  );
}

function Entry({ entry: { outcome, times, chars, fate }, trace }: { entry: TraceEntry; trace: Trace }) {
  const suggestion = outcome.kind === 'suggested' ? outcome.suggestions[0] : undefined;
  const wire = suggestion && trace.wires[suggestion.completionId];
  return (
    <li data-testid="trace-entry" data-outcome={outcome.kind} data-fate={fate}>
      <div className="trace-line">
        <span className="badge">{fate ?? label(outcome)}</span>
        {times > 1 && <span className="quiet">× {times}</span>}
        {suggestion && <b>{formatMs(suggestion.latencyMs)}</b>}
      </div>
      <p className="quiet">
        {suggestion
          ? [
              `${chars} chars`,
              suggestion.source,
              wire && `cache ${wire.cache}`,
              wire ? wire.endpoint : suggestion.model,
            ]
              .filter(Boolean)
              .join(' · ')
          : reason(outcome)}
      </p>
    </li>
  );
}

function label(outcome: Outcome): string {
  return outcome.kind === 'suggested' ? 'suggested' : outcome.kind === 'empty' ? 'nothing' : outcome.kind;
}

const WHY_EMPTY = {
  silent: 'The model has nothing to add here.',
  excluded: 'This file is excluded.',
  filtered: 'What the model said was filtered.',
  superseded: 'A newer question replaced this one.',
  shed: 'The server is busy and left this one out.',
  use_local: 'The server leaves this one to a local model.',
  trimmed: 'Nothing of it fits what is already there.',
  'no-cursor': 'The cursor is in no place to suggest at.',
} as const satisfies Record<Extract<Outcome, { kind: 'empty' }>['reason'], string>;

function reason(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'empty':
      return WHY_EMPTY[outcome.reason];
    case 'failed':
      return outcome.failure.detail;
    case 'cancelled':
      return outcome.reason;
    case 'suggested':
      return '';
  }
}
