import { describe, expect, it } from 'vitest';
import { protocolOf } from './connection-protocol.ts';

describe('the protocol of a connection', () => {
  it.each([
    ['', undefined],
    ['P', undefined],
    ['PR', undefined],
    ['PRI', 'h2'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'h2'],
    ['POST / HTTP/1.1', 'h1'],
    ['PROPFIND', 'h1'],
    ['GET', 'h1'],
    ['\u0016\u0003', 'h1'],
  ])('that begins with %j is %s', (bytes, protocol) => {
    expect(protocolOf(Buffer.from(bytes))).toBe(protocol);
  });
});
