import * as z from 'zod';
import { ROLES, type Role } from '../principal.ts';
import { KEY_ID } from './api-key.ts';

const Time = z.iso.datetime();
const Name = z.string().min(1).max(256);

const Created = z.object({
  v: z.literal(1),
  type: z.literal('created'),
  at: Time,
  id: z.string().regex(KEY_ID),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  org: Name,
  team: Name,
  user: Name,
  roles: z.array(z.enum(ROLES)).min(1),
  expires: Time.optional(),
});

const Revoked = z.object({
  v: z.literal(1),
  type: z.literal('revoked'),
  at: Time,
  id: z.string().regex(KEY_ID),
});

/** One line of the journal of keys: nothing is ever changed in it, so readers only have to read on. */
export const JournalEntry = z.discriminatedUnion('type', [Created, Revoked]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** What a line of a journal holds. A torn one was never finished by a process that died; a foreign one is of a newer version. */
export type Line =
  | { readonly kind: 'entry'; readonly entry: JournalEntry }
  | { readonly kind: 'torn' }
  | { readonly kind: 'foreign' };

export function parseLine(line: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'torn' };
  }
  const parsed = JournalEntry.safeParse(value);
  return parsed.success ? { kind: 'entry', entry: parsed.data } : { kind: 'foreign' };
}

/** The entries of `lines`, and how many there are that this version does not know. */
export function parseLines(lines: readonly string[]): { entries: JournalEntry[]; foreign: number } {
  const read = lines.map(parseLine);
  return {
    entries: read.flatMap((line) => (line.kind === 'entry' ? [line.entry] : [])),
    foreign: read.filter(({ kind }) => kind === 'foreign').length,
  };
}

/** A key as its journal tells; times in milliseconds. */
export interface KeyRecord {
  readonly id: string;
  readonly sha256: string;
  readonly org: string;
  readonly team: string;
  readonly user: string;
  readonly roles: readonly Role[];
  readonly created: number;
  readonly expires: number | undefined;
  readonly revoked: number | undefined;
}

export type KeyState = 'active' | 'expired' | 'revoked';

export function stateOf({ expires, revoked }: Pick<KeyRecord, 'expires' | 'revoked'>, now: number): KeyState {
  if (revoked !== undefined) return 'revoked';
  return expires !== undefined && expires <= now ? 'expired' : 'active';
}

/** What the entries of a journal amount to. */
export interface Keys {
  /** In the order of their creation. */
  readonly byId: Map<string, KeyRecord>;
  /** Revocations that came before the key they are for, as two joined journals may have it. */
  readonly revokedAhead: Map<string, number>;
}

/**
 * Takes an entry in; returns the key it is about, if it is known. The first creation of an id counts, so that two processes that
 * make the same id at once agree on whose it is; a revocation is for ever.
 */
export function apply({ byId, revokedAhead }: Keys, entry: JournalEntry): KeyRecord | undefined {
  const { id } = entry;
  const at = Date.parse(entry.at);
  const known = byId.get(id);
  if (entry.type === 'revoked') {
    if (!known) revokedAhead.set(id, at);
    else if (known.revoked === undefined) byId.set(id, { ...known, revoked: at });
  } else if (!known) {
    const { sha256, org, team, user, roles } = entry;
    const expires = entry.expires === undefined ? undefined : Date.parse(entry.expires);
    byId.set(id, { id, sha256, org, team, user, roles, created: at, expires, revoked: revokedAhead.get(id) });
  }
  return byId.get(id);
}

export function keysOf(entries: Iterable<JournalEntry>): Keys {
  const keys: Keys = { byId: new Map(), revokedAhead: new Map() };
  for (const entry of entries) apply(keys, entry);
  return keys;
}
