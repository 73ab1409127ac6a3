import { describe, expect, it } from 'vitest';
import { requestIdOf } from './request-id.ts';

describe('a request id', () => {
  it.each(['0af7651916cd43dd8448eb211c80319c', '1-5759e988-bd862e3fe1be46a994272793', 'req_01HZX:7f.2'])(
    'is the caller’s when that is an id: %s',
    (id) => expect(requestIdOf(id)).toBe(id),
  );

  it.each([
    undefined,
    '',
    'short',
    'x'.repeat(65),
    'const x = 1;',
    'a\nb-log-injection',
    '--12345678',
    'über-12345678',
  ])('is a new one instead of %j', (header) => expect(requestIdOf(header)).toMatch(/^[0-9a-f-]{36}$/));
});
