import type { ClientState } from '@ghostline/client';
import { formatMs } from '../format.ts';
import { type LatestAnswer, latestAnswer } from './latest-answer.ts';
import type { SessionView } from './session.ts';

const LEVELS = { ready: 'ok', thinking: 'thinking', local: 'ok', offline: 'down' } as const satisfies Record<
  ClientState['kind'],
  string
>;

/** The editor's bottom line: what the client is doing, and where the last suggestion came from. */
export function StatusLine({ view, language }: { view: SessionView | undefined; language: string }) {
  const state = view?.client;
  const latest = view && latestAnswer(view.keystrokes);
  return (
    <footer className="status-line">
      <p
        role="status"
        className="client-state"
        data-testid="client-state"
        data-state={state?.kind ?? 'loading'}
        data-level={state ? LEVELS[state.kind] : 'unknown'}
      >
        <span className="dot" aria-hidden="true" />
        {sentence(state)}
      </p>
      <dl>
        <Item term="Language" id="language" value={language} />
        {latest && <Source {...latest} />}
      </dl>
    </footer>
  );
}

function Source({ answer: { model, region, cache }, totalMs }: LatestAnswer) {
  return (
    <>
      <Item term="Model" id="model" value={model} />
      <Item term="Region" id="region" value={region} />
      <Item term="Cache" id="cache" value={`cache ${cache}`} />
      <Item term="Latency of the last suggestion" id="latency" value={formatMs(totalMs)} />
    </>
  );
}

function Item({ term, id, value }: { term: string; id: string; value: string }) {
  return (
    <div title={term}>
      <dt className="visually-hidden">{term}</dt>
      <dd data-testid={`status-${id}`}>{value}</dd>
    </div>
  );
}

function sentence(state: ClientState | undefined): string {
  switch (state?.kind) {
    case undefined:
      return 'Loading…';
    case 'ready':
      return 'Ready';
    case 'thinking':
      return 'Thinking…';
    case 'local':
      return state.failure ? `Local suggestions: ${state.failure.detail}` : 'Local suggestions';
    case 'offline':
      return `Offline: ${state.failure.detail}`;
  }
}
