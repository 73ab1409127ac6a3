import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
  readonly body: string;
}

export interface ExchangeResult {
  /** In the order in which they came; interim answers (1xx) are left out. */
  readonly responses: readonly RawResponse[];
  /** `open`: neither answered to its end nor closed, when the time was over. */
  readonly end: 'closed' | 'open';
}

/** Longer than nearly all answers take on a busy machine. */
const NOTHING_MORE_MS = 1_500;

/**
 * Writes the bytes on a connection of their own, and reads until the server closes it, as it does when asked to with
 * `connection: close`. A server that waits for more than there is is told after a while that nothing comes: at once would mean
 * that nobody waits for the answer.
 */
export function exchange(port: number, parts: readonly Uint8Array[], patienceMs: number): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const settle = (end: ExchangeResult['end']) => {
      clearTimeout(timer);
      clearTimeout(finish);
      socket.destroy();
      resolve({ responses: responsesIn(Buffer.concat(received)), end });
    };
    const timer = setTimeout(() => settle('open'), patienceMs);
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.once('end', () => settle('closed'));
    // Whoever gets nonsense may hang up while more of it comes.
    socket.once('error', () => settle('closed'));
    socket.once('connect', () => {
      for (const part of parts) socket.write(part);
    });
    const finish = setTimeout(() => socket.end(), NOTHING_MORE_MS);
  });
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** All responses in what a server said. */
function responsesIn(bytes: Buffer): RawResponse[] {
  const responses: RawResponse[] = [];
  let at = 0;
  while (at < bytes.length) {
    const headEnd = bytes.indexOf(HEAD_END, at);
    if (headEnd < 0 || bytes.toString('latin1', at, at + 5) !== 'HTTP/') break;
    const head = bytes.toString('latin1', at, headEnd);
    const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? Number.NaN);
    at = headEnd + HEAD_END.length;
    if (status >= 100 && status < 200) continue;
    const { body, next } = bodyAt(bytes, at, head, status);
    responses.push({ status, head, body });
    at = next;
  }
  return responses;
}

function bodyAt(bytes: Buffer, at: number, head: string, status: number): { body: string; next: number } {
  if (status === 204 || status === 304) return { body: '', next: at };
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const next = Math.min(bytes.length, at + Number(length));
    // The answer to HEAD has a length and no body.
    if (bytes.toString('latin1', at, at + 5) === 'HTTP/') return { body: '', next: at };
    return { body: bytes.toString('utf8', at, next), next };
  }
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { body: bytes.toString('utf8', at), next: bytes.length };
  const chunks: Buffer[] = [];
  let next = at;
  for (;;) {
    const line = bytes.indexOf('\r\n', next);
    const size = line < 0 ? 0 : Number.parseInt(bytes.toString('latin1', next, line), 16);
    if (line < 0 || Number.isNaN(size)) return { body: Buffer.concat(chunks).toString('utf8'), next: bytes.length };
    if (size === 0) return { body: Buffer.concat(chunks).toString('utf8'), next: line + 4 };
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    next = line + 2 + size + 2;
  }
}
