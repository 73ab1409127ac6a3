import type { BudgetRow, SpendingStop } from '@ghostline/protocol';
import { type FormEvent, useId } from 'react';
import { since, usageOf, whose } from './stop-text.ts';
import { type SpendingState, useSpending } from './use-spending.ts';

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Budgets, and the switch that stops spending within seconds, on every gateway. */
export function Spending() {
  const state = useSpending();
  const { report, failure, onlyHere } = state;
  if (!report && !failure) return null;
  const stops = report?.stops ?? [];
  return (
    <section className="spending" aria-labelledby="spending-title" data-stopped={stops.length > 0}>
      <h2 id="spending-title">Spending</h2>
      {failure && (
        <p className="spending-failure" role="alert">
          <b>{failure.title}.</b> {failure.detail}
        </p>
      )}
      {onlyHere && (
        <p className="spending-failure" role="status">
          The store that gateways share is away: only this gateway keeps to the change, and tells the others when it is
          back.
        </p>
      )}
      {report && (
        <>
          {stops.map((stop) => (
            <Stopped key={`${stop.scope} ${stop.organisation} ${stop.user}`} stop={stop} state={state} />
          ))}
          {stops.length === 0 && <p className="quiet">Nothing is stopped.</p>}
          {report.budgets.length > 0 && <Budgets rows={report.budgets} />}
          <StopForm state={state} />
        </>
      )}
    </section>
  );
}

function Stopped({ stop, state }: { stop: SpendingStop; state: SpendingState }) {
  const { organisation, user } = stop;
  const scope = { ...(organisation && { organisation }), ...(user && { user }) };
  return (
    <div className="spending-stop">
      <div>
        <p>
          <b>Stopped for {whose(stop)}:</b> {stop.reason}
        </p>
        <p className="quiet">
          {since(stop, (at) => clock.format(at))} Completions go on from caches and the embedded model.
        </p>
      </div>
      <button
        type="button"
        className="button"
        disabled={state.changing}
        onClick={() => state.change({ kind: 'resume', scope })}
      >
        Resume
      </button>
    </div>
  );
}

function Budgets({ rows }: { rows: readonly BudgetRow[] }) {
  return (
    <table className="spending-budgets">
      <thead>
        <tr>
          <th scope="col">Budget</th>
          <th scope="col">Spent</th>
          <th scope="col">Of</th>
          <th scope="col">At its end</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const { share, level } = usageOf(row);
          return (
            <tr key={`${row.scope} ${row.owner} ${row.period}`} data-level={level}>
              <th scope="row">
                {row.scope === 'everything' ? 'Everything' : row.owner} <span className="quiet">this {row.period}</span>
                {row.budget !== null && <progress value={share} max={1} aria-label={`${Math.round(share * 100)} %`} />}
              </th>
              <td>{money.format(row.spent)}</td>
              <td>{row.budget === null ? '–' : money.format(row.budget)}</td>
              <td>{money.format(row.forecast)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function StopForm({ state }: { state: SpendingState }) {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const text = (name: string) => String(entered.get(name) ?? '').trim();
    const [organisation, user, reason, minutes] = ['organisation', 'user', 'reason', 'minutes'].map(text);
    const stop = {
      ...(organisation && { organisation }),
      ...(user && { user }),
      ...(reason && { reason }),
      ...(minutes && { minutes: Number(minutes) }),
    };
    state.change({ kind: 'stop', stop });
    event.currentTarget.closest('details')?.removeAttribute('open');
  };
  const field = (name: string, label: string, placeholder: string, type = 'text') => (
    <label htmlFor={`${id}-${name}`}>
      {label}
      <input id={`${id}-${name}`} name={name} type={type} min={1} placeholder={placeholder} autoComplete="off" />
    </label>
  );
  return (
    <details className="spending-form">
      <summary>Stop spending…</summary>
      <form onSubmit={submit}>
        {field('organisation', 'Organisation', 'everybody')}
        {field('user', 'User', 'everybody')}
        {field('minutes', 'For minutes', 'until resumed', 'number')}
        {field('reason', 'Reason', 'for whoever wonders')}
        <button type="submit" className="button primary" disabled={state.changing}>
          Stop spending
        </button>
      </form>
      <p className="quiet">
        It counts on every gateway within seconds. Completions that cost nothing go on: from caches, and from the
        embedded model.
      </p>
    </details>
  );
}
