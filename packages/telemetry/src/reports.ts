import { RETENTION_S, type ReportDimension, type ReportInterval, type ReportQuery } from '@ghostline/protocol';
import { clampTime } from './rows.ts';
import type { ReportScope } from './types.ts';

/** SQL and the values of its parameters: no value from a query is ever part of the text. */
export interface ReportStatement {
  readonly query: string;
  readonly query_params: Readonly<Record<string, string | number>>;
}

const DAY_MS = 86_400_000;
/** Copies of one event reach us at most this far apart: the age up to which events are accepted. */
const ACCEPTED_AGE_MS = 7 * DAY_MS;
/** An outcome says at most 7 days (`after_s`) after its view was shown, and may then be sent for 7 days more. */
const OUTCOME_AGE_MS = 14 * DAY_MS;
/** A completion may be shown from a client's cache, and the view be sent, long after the request. */
const REQUEST_AGE_MS = 14 * DAY_MS;

/** Dimensions as expressions over `views` (and `requests` where they need it). The only way into `GROUP BY`. */
const DIMENSIONS: Record<ReportDimension, { readonly sql: string; readonly needsRequest?: true }> = {
  language: {
    sql: "multiIf(view_language != '', view_language, request_language != '', request_language, 'unknown')",
    needsRequest: true,
  },
  model: {
    sql: "multiIf(view_origin = 'local', 'local', request_model != '', request_model, 'unknown')",
    needsRequest: true,
  },
  region: {
    sql: "multiIf(view_origin = 'local', 'local', request_region != '', request_region, 'unknown')",
    needsRequest: true,
  },
  team: { sql: 'view_team' },
  user: { sql: 'view_user' },
  trigger: { sql: 'view_trigger' },
  source: { sql: 'view_source' },
  origin: { sql: 'view_origin' },
};

const BUCKETS: Record<ReportInterval, string> = {
  hour: "formatDateTime(toStartOfHour(shown_at, 'UTC'), '%FT%TZ', 'UTC')",
  day: "formatDateTime(toStartOfDay(shown_at, 'UTC'), '%FT%TZ', 'UTC')",
};

const ACCEPTANCE_COLUMNS = `
  count() AS shown,
  countIf(outcome = 'accepted') AS accepted,
  countIf(outcome = 'partially-accepted') AS partially_accepted,
  countIf(outcome = 'rejected') AS rejected,
  if(shown = 0, NULL, accepted / shown) AS acceptance_rate,
  sum(view_chars) AS shown_chars,
  sum(view_accepted_chars) AS accepted_chars`;

const LATENCY_COLUMNS = `
  count() AS shown,
  if(shown = 0, NULL, quantileExact(0.5)(view_latency_ms)) AS shown_p50_ms,
  if(shown = 0, NULL, quantileExact(0.9)(view_latency_ms)) AS shown_p90_ms,
  if(shown = 0, NULL, quantileExact(0.99)(view_latency_ms)) AS shown_p99_ms,
  if(shown = 0, NULL, countIf(view_latency_ms <= 300) / shown) AS under_300_ms`;

/** More of it changed, and it is another text: the limit that GitHub Copilot draws. */
const KEPT_UP_TO = 0.5;
const IS_TAKEN = "outcome IN ('accepted', 'partially-accepted')";

const RETENTION_COLUMNS = [
  `countIf(${IS_TAKEN}) AS taken`,
  ...RETENTION_S.flatMap((after) => [
    `countIf(${IS_TAKEN} AND isNotNull(ratio_${after}s)) AS measured_${after}s`,
    `if(measured_${after}s = 0, NULL, countIf(${IS_TAKEN} AND ratio_${after}s <= ${KEPT_UP_TO}) / measured_${after}s) AS kept_${after}s`,
    `avgIf(ratio_${after}s, ${IS_TAKEN}) AS edit_ratio_${after}s`,
  ]),
  `countIf(${IS_TAKEN} AND looked) AS checked`,
  `sumIf(first_look.1, ${IS_TAKEN} AND looked) AS unresolved_identifiers`,
  `sumIf(first_look.2, ${IS_TAKEN} AND looked) AS unresolved_imports`,
  'if(checked = 0, NULL, (unresolved_identifiers + unresolved_imports) / checked) AS unresolved_per_checked',
].join(',\n  ');

/** What was measured of a view: its ratio at each time, and what the first look of a language server found. */
const RETENTION_OF_VIEW = [
  ...RETENTION_S.map((after) => {
    const isThen = `type = 'completion-retained' AND after_s = ${after}`;
    return `if(countIf(${isThen}) = 0, NULL, argMinIf(edit_ratio, (received_at, event_id), ${isThen})) AS ratio_${after}s`;
  }),
  "countIf(type = 'completion-retained' AND isNotNull(unresolved_identifiers)) > 0 AS looked",
  `argMinIf(
      (ifNull(unresolved_identifiers, 0), ifNull(unresolved_imports, 0)), (after_s, received_at, event_id),
      type = 'completion-retained' AND isNotNull(unresolved_identifiers)
    ) AS first_look`,
].join(',\n    ');

export function acceptanceStatement(query: ReportQuery, scope: ReportScope): ReportStatement {
  return reportStatement({ columns: ACCEPTANCE_COLUMNS, query, scope });
}

export function latencyStatement(query: ReportQuery, scope: ReportScope): ReportStatement {
  return reportStatement({ columns: LATENCY_COLUMNS, query, scope });
}

export function retentionStatement(query: ReportQuery, scope: ReportScope): ReportStatement {
  return reportStatement({ columns: RETENTION_COLUMNS, ofView: RETENTION_OF_VIEW, query, scope });
}

interface Report {
  readonly columns: string;
  /** What the columns need of each view besides what every report does. */
  readonly ofView?: string;
  readonly query: ReportQuery;
  readonly scope: ReportScope;
}

/** events → one row per view, whatever copies and outcomes there are → buckets and groups. */
function reportStatement({ columns, ofView, query, scope }: Report): ReportStatement {
  const { interval, group_by: groupBy = [] } = query;
  const dimensions = [...new Set(groupBy)];
  const keys = [...(interval ? ['time'] : []), ...dimensions];
  const selected = [
    ...(interval ? [`${BUCKETS[interval]} AS time`] : []),
    ...dimensions.map((dimension) => `${DIMENSIONS[dimension].sql} AS ${dimension}`),
    columns,
  ];
  const withRequests = dimensions.some((dimension) => DIMENSIONS[dimension].needsRequest);
  const from = Date.parse(query.from);
  const to = Date.parse(query.to);
  return {
    query: [
      `WITH views AS (${viewsWith(ofView)})${withRequests ? `, requests AS (${REQUESTS})` : ''}`,
      `SELECT ${selected.join(', ')} FROM views`,
      withRequests ? 'LEFT JOIN requests ON view_completion_id = request_completion_id' : '',
      keys.length > 0 ? `GROUP BY ${keys.join(', ')}` : '',
      scope.minimumUsers > 1 ? 'HAVING uniqExact(view_user) >= {minimum_users:UInt32}' : '',
      keys.length > 0 ? `ORDER BY ${keys.join(', ')}` : '',
      REPORT_SETTINGS,
    ].join('\n'),
    query_params: {
      org: scope.org,
      from_ms: clampTime(from),
      to_ms: clampTime(to),
      ...(scope.minimumUsers > 1 && { minimum_users: scope.minimumUsers }),
      copies_from_ms: clampTime(from - ACCEPTED_AGE_MS),
      outcomes_to_ms: clampTime(to + OUTCOME_AGE_MS),
      ...(withRequests && {
        requests_from_ms: clampTime(from - REQUEST_AGE_MS),
        requests_to_ms: clampTime(to + DAY_MS),
      }),
    },
  };
}

const at = (parameter: string) => `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`;

/** Which views may belong: some copy of their shown event came in time. One too many does no harm, `HAVING` is exact. */
const CANDIDATES = `FROM ghostline_events
  WHERE org = {org:String} AND type = 'completion-shown' AND received_at >= ${at('from_ms')} AND received_at < ${at('to_ms')}`;

/**
 * One row per view, from the first copy of its first shown event and all its outcomes. Several outcomes are one: the
 * strongest. A suggestion may grow while it is on screen: its longest extent counts. Each acceptance, in part or whole,
 * says how many characters it added.
 */
const viewsWith = (ofView: string | undefined) => `
  SELECT
    minIf(received_at, type = 'completion-shown') AS shown_at,
    argMinIf(
      (completion_id, team, user, language, origin, trigger, source, latency_ms),
      (received_at, event_id), type = 'completion-shown'
    ) AS first_shown,
    first_shown.1 AS view_completion_id,
    first_shown.2 AS view_team,
    first_shown.3 AS view_user,
    first_shown.4 AS view_language,
    first_shown.5 AS view_origin,
    first_shown.6 AS view_trigger,
    first_shown.7 AS view_source,
    first_shown.8 AS view_latency_ms,
    max(chars) AS view_chars,
    arraySum(step -> step.2, groupUniqArrayIf(
      (event_id, accepted_chars), type IN ('completion-accepted', 'completion-partially-accepted')
    )) AS view_accepted_chars,
    multiIf(
      countIf(type = 'completion-accepted') > 0, 'accepted',
      countIf(type = 'completion-partially-accepted') > 0, 'partially-accepted',
      countIf(type = 'completion-typed-through') > 0, 'typed-through',
      countIf(type = 'completion-rejected') > 0, 'rejected',
      'none'
    ) AS outcome${ofView === undefined ? '' : `,\n    ${ofView}`}
  FROM ghostline_events
  WHERE org = {org:String}
    AND received_at >= ${at('copies_from_ms')} AND received_at < ${at('outcomes_to_ms')}
    AND view_id IN (SELECT view_id ${CANDIDATES})
  GROUP BY view_id
  HAVING shown_at >= ${at('from_ms')} AND shown_at < ${at('to_ms')}`;

const REQUESTS = `
  SELECT
    completion_id AS request_completion_id,
    argMin((language, model, region), received_at) AS first_request,
    first_request.1 AS request_language,
    first_request.2 AS request_model,
    first_request.3 AS request_region
  FROM ghostline_requests
  WHERE org = {org:String}
    AND received_at >= ${at('requests_from_ms')} AND received_at < ${at('requests_to_ms')}
    AND completion_id IN (SELECT completion_id ${CANDIDATES})
  GROUP BY completion_id`;

/**
 * Numbers as numbers, an absent join partner as an empty string, and an end before the client's own timeout (30 s): a
 * report nobody waits for any more must not keep the store busy.
 */
const REPORT_SETTINGS =
  'SETTINGS output_format_json_quote_64bit_integers = 0, join_use_nulls = 0, max_execution_time = 20';

/** A gateway that has been silent for longer has been switched off, or its data is late anyway: it says nothing. */
const HEARD_WITHIN_MS = 5 * 60_000;

export function freshnessStatement(now: number): ReportStatement {
  return {
    query: `SELECT count() AS gateways, toUnixTimestamp64Milli(min(complete)) AS complete_through_ms
      FROM (
        SELECT max(complete_through) AS complete FROM ghostline_gateways GROUP BY gateway
        HAVING max(heard_at) >= ${at('heard_from_ms')}
      )
      SETTINGS output_format_json_quote_64bit_integers = 0`,
    query_params: { heard_from_ms: now - HEARD_WITHIN_MS },
  };
}
