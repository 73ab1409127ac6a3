import { ADMIN_API_PATH, AcceptanceReport, LatencyReport, Readiness, type ReportQuery } from '@ghostline/protocol';
import { type RequestOptions, requestJson } from './request-json.ts';

/** `/admin/api/<report>?…`, with `group_by` once per dimension. */
export function reportPath(report: 'acceptance' | 'latency', query: ReportQuery): string {
  const parameters = new URLSearchParams({ from: query.from, to: query.to });
  if (query.interval) parameters.set('interval', query.interval);
  for (const dimension of query.group_by ?? []) parameters.append('group_by', dimension);
  return `${ADMIN_API_PATH}/${report}?${parameters}`;
}

/** The two reports and the state of the server, as this page asks for them. */
export interface Reports {
  acceptance(query: ReportQuery, signal: AbortSignal): Promise<AcceptanceReport>;
  latency(query: ReportQuery, signal: AbortSignal): Promise<LatencyReport>;
}

export function reports(options: Omit<RequestOptions, 'signal'>): Reports {
  return {
    acceptance: (query, signal) =>
      requestJson(reportPath('acceptance', query), AcceptanceReport, { ...options, signal }),
    latency: (query, signal) => requestJson(reportPath('latency', query), LatencyReport, { ...options, signal }),
  };
}

/** State of every component. A server that is not ready says so with 503 and the same body. */
export function readiness(signal: AbortSignal): Promise<Readiness> {
  return requestJson('/readyz', Readiness, { signal, alsoAnswers: [503] });
}
