import { type FixedKey, type KeyStore, type NewKey, createKey, listKeys, revokeKey } from '@ghostline/access';
import { likelyMeant } from '@ghostline/protocol';
import type { KeysCommand } from './arguments.ts';
import { listJson, listTable, rowsOf } from './listing.ts';

export interface KeysSurroundings {
  /** The first takes new keys. */
  readonly stores: readonly [KeyStore, ...KeyStore[]];
  readonly fixedKeys: readonly FixedKey[];
  /** True: the configuration asks for authentication anyway. */
  readonly required: boolean;
  readonly configFile: string | undefined;
  /** Whether a server has used this data directory before. */
  readonly known: boolean;
  readonly dataDir: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Does what was asked for, and says so. Returns the exit code; rejects when a store is away. */
export function runKeysCommand(
  command: Extract<KeysCommand, { kind: 'create' | 'list' | 'revoke' }>,
  surroundings: KeysSurroundings,
): Promise<number> {
  switch (command.kind) {
    case 'create':
      return create(command.key, surroundings);
    case 'list':
      return list(command.json, surroundings);
    case 'revoke':
      return revoke(command.id, surroundings);
  }
}

async function create(key: NewKey, surroundings: KeysSurroundings): Promise<number> {
  const { stores, fixedKeys, required, stdout, stderr, now, signal } = surroundings;
  const [store, ...others] = stores;
  const inOthers = await Promise.all(others.map((other) => listKeys(other, signal)));
  const elsewhere = [...fixedKeys, ...inOthers.flat()];
  if (elsewhere.some(({ id }) => id === key.id)) return taken(key.id, stderr);
  const outcome = await createKey(store, key, signal, now);
  if (outcome.kind === 'id-taken') return taken(key.id, stderr);

  stdout(`${outcome.secret}\n`);
  const until = key.expires === undefined ? 'without an end' : `until ${new Date(key.expires).toISOString()}`;
  stderr(
    `The key "${key.id}" is for ${key.user} (team ${key.team}, ${key.org}; ${key.roles.join(', ')}), ${until}.\n` +
      'It is shown this once, and kept nowhere: put it where it is needed now. In VS Code run "Ghostline: Set Access Token…";\n' +
      'for the command line set GHOSTLINE_TOKEN; other clients send "Authorization: Bearer KEY".\n' +
      `Kept in ${store.name}; a server that runs knows it within two seconds.\n`,
  );
  if (!surroundings.known) {
    stderr(
      `\nNo server has used ${surroundings.dataDir} before. If yours uses another folder, say so with --config or --data-dir, as it was told.\n`,
    );
  }
  if (!required && outcome.first && elsewhere.length === 0) stderr(`\n${firstKey(surroundings)}`);
  return 0;
}

function firstKey({ configFile, dataDir, stores }: KeysSurroundings): string {
  return (
    `This was the first key, and ${configFile ?? 'the configuration, as there is none,'} says nothing of authentication. From now on the\n` +
    'server asks for a key: everyone on this machine, who was let in without one until now, gets 401 until the key is given to\n' +
    'the editor, the dashboard and whatever else asks. It stays so when all keys are revoked or have expired.\n' +
    'Write "auth: {}" into the configuration to say so there, too; listen.host may then be another than 127.0.0.1.\n' +
    `To go back: stop the server, delete the keys (${stores.map(({ name }) => name).join(', ')}; keys-mirror.jsonl in ${dataDir}),\n` +
    'and start it again.\n'
  );
}

function taken(id: string, stderr: KeysSurroundings['stderr']): number {
  stderr(`ghostline: there is a key "${id}" already, or was one; choose another --id, or leave it out.\n`);
  return 1;
}

async function list(json: boolean, surroundings: KeysSurroundings): Promise<number> {
  const { stores, fixedKeys, configFile, stdout, stderr, now, signal } = surroundings;
  const read = await Promise.all(
    stores.map(async (store) => ({
      name: store.name,
      keys: await listKeys(store, signal),
      uses: await store.lastUsed(signal),
    })),
  );
  const rows = rowsOf(fixedKeys, read, { configFile, now: now() });
  if (json) stdout(listJson(rows));
  else if (rows.length > 0) stdout(listTable(rows));
  else stderr(`There are no keys in ${stores.map(({ name }) => name).join(' or ')}. Make one: ghostline keys create\n`);
  return 0;
}

async function revoke(id: string, surroundings: KeysSurroundings): Promise<number> {
  const { stores, fixedKeys, configFile, stderr, now, signal } = surroundings;
  const known: string[] = [];
  for (const store of stores) {
    const outcome = await revokeKey(store, id, signal, now);
    if (outcome.kind === 'revoked') {
      stderr(`The key "${id}" is revoked; a server that runs refuses it within two seconds.\n`);
      return 0;
    }
    if (outcome.kind === 'already-revoked') {
      stderr(`The key "${id}" was revoked at ${new Date(outcome.at).toISOString()} already.\n`);
      return 0;
    }
    known.push(...outcome.known);
  }
  if (fixedKeys.some((key) => key.id === id)) {
    const where = `${configFile ?? 'the configuration'} (auth.keys)`;
    stderr(`ghostline: the key "${id}" stands in ${where}: take it out there, and start the server again.\n`);
    return 1;
  }
  const meant = likelyMeant(id, known);
  const hint = meant ? `Did you mean "${meant}"? ` : '';
  const there = known.length === 0 ? 'There are none.' : `There are: ${shortened(known)}.`;
  stderr(`ghostline: there is no key "${id}". ${hint}${there}\n`);
  return 1;
}

const SHOWN = 20;

function shortened(ids: readonly string[]): string {
  const more = ids.length - SHOWN;
  return ids.slice(0, SHOWN).join(', ') + (more > 0 ? `, and ${more} more (ghostline keys list)` : '');
}
