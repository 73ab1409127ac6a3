import type { ExchangeResult, RawResponse } from './exchange.ts';
import { MARK } from './hostile.ts';

/** What is wrong with an answer; undefined when nothing is. */
export function faultOf({ responses, end }: ExchangeResult): string | undefined {
  if (end === 'open') return 'neither answered nor closed';
  for (const response of responses) {
    const fault = faultOfOne(response);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfOne({ status, head, body }: RawResponse): string | undefined {
  if (Number.isNaN(status)) return 'answered with something that is not HTTP';
  if (status >= 500) return `answered ${status}: ${body.slice(0, 300)}`;
  if (/^event: error$/m.test(body)) return `ended a stream with an error: ${body.slice(-300)}`;
  if (head.includes(MARK)) return `repeats the mark in its headers: ${head}`;
  if (body.includes(MARK)) return `repeats the mark: ${around(body)}`;
  return undefined;
}

function around(body: string): string {
  const at = body.indexOf(MARK);
  return body.slice(Math.max(0, at - 200), at + 200);
}
