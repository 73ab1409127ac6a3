import {
  SPENDING_PATH,
  SPENDING_STOP_PATH,
  SpendingChange,
  SpendingReport,
  type SpendingScope,
  type StopSpending,
} from '@ghostline/protocol';
import { type RequestOptions, requestJson } from './request-json.ts';

/** What is spent, and the switch that stops it. */
export interface Spending {
  report(signal: AbortSignal): Promise<SpendingReport>;
  stop(stop: StopSpending): Promise<SpendingChange>;
  resume(scope: SpendingScope): Promise<SpendingChange>;
}

export function spending(options: Omit<RequestOptions, 'signal'>): Spending {
  // A change that was sent is carried out, whoever waits for the answer.
  const { signal } = new AbortController();
  return {
    report: (wanted) => requestJson(SPENDING_PATH, SpendingReport, { ...options, signal: wanted }),
    stop: (body) => requestJson(SPENDING_STOP_PATH, SpendingChange, { ...options, signal, method: 'POST', body }),
    resume({ organisation, user }) {
      const whose = new URLSearchParams({ ...(organisation && { organisation }), ...(user && { user }) });
      const path = `${SPENDING_STOP_PATH}${whose.size > 0 ? `?${whose}` : ''}`;
      return requestJson(path, SpendingChange, { ...options, signal, method: 'DELETE' });
    },
  };
}
