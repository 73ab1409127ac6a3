import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Engine } from './chdb-engine.ts';
import { LaneFullError } from './lane.ts';

/** A thousand events are half a megabyte; a ClickHouse client that sends more than this is not ours. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Of the HTTP server, not of the engine: what a client sends with every request has no meaning here. */
const IGNORED_PARAMETERS = new Set([
  'query',
  'query_id',
  'default_format',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
]);

/**
 * As much of ClickHouse's HTTP interface as `@clickhouse/client` uses, over the embedded engine: `/ping`, queries in the
 * body or the URL, inserts with their rows in the body, `param_*`, and errors in ClickHouse's own form. Settings belong in
 * a query's SETTINGS clause; one in the URL is refused rather than ignored.
 */
export function createAnalyticsApp({ engine, token }: { engine: Engine; token: string }): Hono {
  const app = new Hono();
  const isToken = tokenCheck(token);
  app.use(async (c, next) => {
    if (isToken(c.req.header('authorization'))) return next();
    throw new ClickHouseException(
      516,
      'AUTHENTICATION_FAILED',
      403,
      'The token of the request is not the one of this process.',
    );
  });
  app.get('/ping', (c) => c.text('Ok.\n'));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new ClickHouseException(
          241,
          'MEMORY_LIMIT_EXCEEDED',
          413,
          `The body is larger than ${MAX_BODY_BYTES} bytes.`,
        );
      },
    }),
  );
  app.on(['GET', 'POST'], '/', async (c) => {
    const { searchParams } = new URL(c.req.url);
    refuseUnknown(searchParams, c.req.header('content-encoding'));
    const body = new Uint8Array(await c.req.arrayBuffer());
    const urlQuery = searchParams.get('query') ?? '';
    const insert = parseInsert(urlQuery);
    c.header('x-clickhouse-query-id', searchParams.get('query_id') ?? '');
    if (insert) {
      const written = await engine.insert({ ...insert, body }, c.req.raw.signal);
      c.header(
        'x-clickhouse-summary',
        summary({ written_rows: written.rowsWritten, written_bytes: written.bytesWritten }, written.elapsedMs),
      );
      return c.body(null);
    }
    const sql = [urlQuery, new TextDecoder().decode(body)].filter((part) => part !== '').join('\n');
    const format = searchParams.get('default_format') ?? 'TabSeparated';
    const result = await engine.query({ sql, params: queryParams(searchParams), format }, c.req.raw.signal);
    c.header(
      'x-clickhouse-summary',
      summary({ read_rows: result.rowsRead, read_bytes: result.bytesRead }, result.elapsedMs),
    );
    c.header('content-type', 'text/plain; charset=UTF-8');
    return c.body(new Uint8Array(result.bytes));
  });
  app.notFound(() => {
    throw new ClickHouseException(60, 'NOT_FOUND', 404, 'Queries go to /, liveness is at /ping.');
  });
  app.onError((error, c) => {
    const { code, status, text } = toException(error);
    c.header('x-clickhouse-exception-code', String(code));
    return c.text(`${text}\n`, status);
  });
  return app;
}

type ErrorStatus = 400 | 403 | 404 | 413 | 500 | 501 | 503;

class ClickHouseException extends Error {
  override readonly name = 'ClickHouseException';
  readonly code: number;
  readonly type: string;
  readonly status: ErrorStatus;

  constructor(code: number, type: string, status: ErrorStatus, message: string) {
    super(message);
    this.code = code;
    this.type = type;
    this.status = status;
  }
}

function toException(error: Error): { code: number; status: ErrorStatus; text: string } {
  if (error instanceof ClickHouseException) {
    const { code, type, status, message } = error;
    return { code, status, text: exceptionText(code, type, message) };
  }
  if (error instanceof LaneFullError) {
    return { code: 202, status: 503, text: exceptionText(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${error.message}.`) };
  }
  // The engine's own errors already have the form.
  const code = Number(/^Code: (\d+)\./.exec(error.message)?.[1]);
  if (code > 0) return { code, status: statusOf(code), text: error.message };
  return { code: 1002, status: 500, text: exceptionText(1002, 'UNKNOWN_EXCEPTION', `${error.message}.`) };
}

/** The form that clients parse: the code, the message, and last the name in capitals. */
function exceptionText(code: number, type: string, message: string): string {
  return `Code: ${code}. DB::Exception: ${message} (${type})`;
}

/** As ClickHouse's own HTTP handler answers: the query's fault, something that is not there, or ours. */
function statusOf(code: number): ErrorStatus {
  const UNKNOWN_THINGS = [46, 47, 60, 81];
  const BAD_QUERIES = [6, 26, 27, 38, 41, 43, 53, 62, 69, 72, 115, 117, 456, 457];
  if (UNKNOWN_THINGS.includes(code)) return 404;
  return BAD_QUERIES.includes(code) ? 400 : 500;
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function tokenCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header = '') => {
    const [scheme = '', credentials = ''] = header.split(' ', 2);
    const given = /^basic$/i.test(scheme) ? passwordOf(credentials) : credentials;
    return timingSafeEqual(digest(given), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function passwordOf(credentials: string): string {
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}

function refuseUnknown(parameters: URLSearchParams, contentEncoding: string | undefined) {
  if (contentEncoding !== undefined) {
    throw new ClickHouseException(
      48,
      'NOT_IMPLEMENTED',
      501,
      `Bodies in ${contentEncoding} are not taken: switch request compression off.`,
    );
  }
  for (const name of parameters.keys()) {
    if (IGNORED_PARAMETERS.has(name) || name.startsWith('param_')) continue;
    const detail = `Parameter ${name} is not known to the embedded store; a setting goes into the SETTINGS clause of the query.`;
    throw new ClickHouseException(115, 'UNKNOWN_SETTING', 400, detail);
  }
}

/** `INSERT INTO table (columns) FORMAT name`, with the rows in the body: the form in which clients insert. */
function parseInsert(query: string) {
  const match = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.]+)\s*(?:\(([^()]*)\))?\s*FORMAT\s+(\w+)\s*$/i.exec(query);
  if (!match) return undefined;
  const [, table = '', columns, format = ''] = match;
  return { table, columns: columns?.split(',').map((name) => name.trim()), format };
}

/** Values come escaped as in tab-separated text, which the engine's binding does again. */
function queryParams(parameters: URLSearchParams): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = unescapeTsv(value);
  }
  return params;
}

const UNESCAPED: Record<string, string> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', '0': '\0' };

function unescapeTsv(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, escaped: string) => UNESCAPED[escaped] ?? escaped);
}

function summary(counts: Record<string, number>, elapsedMs: number): string {
  const zeros = { read_rows: 0, read_bytes: 0, written_rows: 0, written_bytes: 0 };
  const numbers = { ...zeros, ...counts, elapsed_ns: Math.round(elapsedMs * 1e6) };
  return JSON.stringify(Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])));
}
