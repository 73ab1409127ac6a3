import {
  type AcceptanceReport,
  COMPLETIONS_PATH,
  type CompletionRequest,
  type CompletionResponse,
  type Problem,
  type Readiness,
  TELEMETRY_PATH,
  type TelemetryEvent,
  type TelemetryReceipt,
} from '@ghostline/protocol';
import { v7 } from 'uuid';

/** The HTTP interface as tests use it: one call, one answer, the status in sight. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A prompt that the embedded model can continue from itself. */
export const sampleRequest: CompletionRequest = {
  prefix: `${['red', 'blue', 'green'].map((color) => `open(door);\nenter(house);\npaint(${color});\n`).join('')}open(door);\nenter(`,
  suffix: '',
  language: 'typescript',
  path: 'src/cart.ts',
  trigger: 'automatic',
};

export async function complete(
  url: string,
  request: Partial<CompletionRequest> = {},
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  return post<CompletionResponse & Problem>(url, COMPLETIONS_PATH, { ...sampleRequest, ...request }, headers, signal);
}

export async function sendEvents(url: string, events: readonly TelemetryEvent[], headers: Record<string, string> = {}) {
  return post<TelemetryReceipt & Problem>(url, TELEMETRY_PATH, { events }, headers);
}

export async function readiness(url: string): Promise<Answer<Readiness>> {
  const response = await fetch(new URL('/readyz', url));
  return { status: response.status, body: (await response.json()) as Readiness };
}

/** Acceptance over the last hour and the next; undefined while the store does not answer. */
export async function acceptance(
  url: string,
  groupBy?: string,
  headers: Record<string, string> = {},
): Promise<AcceptanceReport | undefined> {
  const hour = 3_600_000;
  const query = new URLSearchParams({
    from: new Date(Date.now() - hour).toISOString(),
    to: new Date(Date.now() + hour).toISOString(),
  });
  if (groupBy) query.set('group_by', groupBy);
  const response = await fetch(new URL(`/admin/api/acceptance?${query}`, url), { headers });
  return response.ok ? ((await response.json()) as AcceptanceReport) : undefined;
}

/** A shown event, or with `type` and fields of its own another one about the same view. */
export function telemetryEvent(
  completionId: string,
  viewId: string,
  fields: Record<string, unknown> = {},
): TelemetryEvent {
  const shown = {
    type: 'completion-shown',
    chars: 10,
    lines: 1,
    latency_ms: 42,
    trigger: 'automatic',
    source: 'network',
  };
  const common = {
    event_id: v7(),
    completion_id: completionId,
    choice: 0,
    view_id: viewId,
    time: new Date().toISOString(),
    how: 'inferred',
    language: 'typescript',
  };
  return { ...common, ...(fields['type'] === undefined ? shown : {}), ...fields } as TelemetryEvent;
}

export const newViewId = (): string => v7();

async function post<Body>(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Answer<Body>> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
