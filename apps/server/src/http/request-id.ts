import { randomUUID } from 'node:crypto';

/** Ids as proxies and tracers make them (UUIDs, hex, `1-5759e988-bd862e3fe1be46a994272793`): nothing that could be a line of code. */
const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,63}$/;

/** The caller's own id when it is one, so that a request has one name through all logs; otherwise a new one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && SANE.test(header) ? header : randomUUID();
}
