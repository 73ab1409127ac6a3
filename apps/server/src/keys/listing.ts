import { type FixedKey, type KeyState, type ListedKey, stateOf } from '@ghostline/access';

/** A key as lists show it; times in milliseconds. `created` undefined: it stands in the configuration. */
export interface Row extends FixedKey {
  readonly created: number | undefined;
  readonly revoked: number | undefined;
  readonly lastUsed: number | undefined;
  readonly state: KeyState;
  /** Where it is kept. */
  readonly source: string;
}

/** Keys of the configuration first, then those of the stores. */
export function rowsOf(
  fixedKeys: readonly FixedKey[],
  stores: readonly {
    readonly name: string;
    readonly keys: readonly ListedKey[];
    readonly uses: ReadonlyMap<string, number>;
  }[],
  { configFile = 'configuration', now }: { configFile: string | undefined; now: number },
): Row[] {
  const fixed = fixedKeys.map((key): Row => {
    const uses = stores.flatMap(({ uses }) => uses.get(key.id) ?? []);
    const lastUsed = uses.length === 0 ? undefined : Math.max(...uses);
    const state = stateOf({ expires: key.expires, revoked: undefined }, now);
    return Object.assign({}, key, { created: undefined, revoked: undefined, lastUsed, state, source: configFile });
  });
  const kept = stores.flatMap(({ name, keys }) =>
    keys.map((key): Row => Object.assign({}, key, { state: stateOf(key, now), source: name })),
  );
  return [...fixed, ...kept];
}

/** For programs; times in RFC 3339, and nothing from which a key could be found out. */
export function listJson(rows: readonly Row[]): string {
  const documents = rows.map(({ id, org, team, user, roles, created, expires, revoked, lastUsed, state, source }) => ({
    id,
    org,
    team,
    user,
    roles,
    state,
    created: timeOf(created),
    expires: timeOf(expires),
    revoked: timeOf(revoked),
    last_used: timeOf(lastUsed),
    source,
  }));
  return `${JSON.stringify(documents, undefined, 2)}\n`;
}

/** For people: a table, its times in UTC to the minute. */
export function listTable(rows: readonly Row[]): string {
  const lines = [
    ['ID', 'USER', 'TEAM', 'ORG', 'ROLES', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED'],
    ...rows.map(({ id, user, team, org, roles, state, created, expires, lastUsed }) => [
      id,
      user,
      team,
      org,
      roles.join(','),
      state,
      created === undefined ? 'in the file' : minuteOf(created),
      expires === undefined ? 'never' : minuteOf(expires),
      lastUsed === undefined ? 'never' : minuteOf(lastUsed),
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
