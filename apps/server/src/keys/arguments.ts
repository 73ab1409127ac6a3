import { parseArgs } from 'node:util';
import { KEY_ID, type NewKey, ROLES, type Role, newKeyId } from '@ghostline/access';
import { likelyMeant } from '@ghostline/protocol';

/** Where the server's keys are, as its own flags say. */
export interface KeysPlace {
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
}

export type KeysCommand =
  | { readonly kind: 'create'; readonly place: KeysPlace; readonly key: NewKey }
  | { readonly kind: 'list'; readonly place: KeysPlace; readonly json: boolean }
  | { readonly kind: 'revoke'; readonly place: KeysPlace; readonly id: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'misuse'; readonly detail: string };

export const KEYS_HELP = `Usage: ghostline keys <command> [options]

API keys of a server, running or not: a running one knows what changed within two seconds.

Commands:
  create                    make a key; its secret is printed once, on stdout
    --org ORG               organisation, team and user whose requests it makes; required
    --team TEAM
    --user USER
    --role ROLE             developer (default) or admin; may be given twice
    --expires WHEN          90d, 12h, 30m, or a date such as 2027-01-31; default: never
    --id ID                 its name in lists and logs; default: the user's, and four characters
  list                      every key with its state and its last use
    --json                  as JSON
  revoke ID                 end a key, for good

Options, as the server was given them:
  --config FILE             default: ghostline.yaml in the current folder, when it is there
  --data-dir DIR            default: what the configuration says, or .ghostline
  --help                    this text

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

const COMMANDS = ['create', 'list', 'revoke'] as const;
const PLACE = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const OPTIONS = {
  create: {
    ...PLACE,
    org: { type: 'string' },
    team: { type: 'string' },
    user: { type: 'string' },
    role: { type: 'string', multiple: true },
    expires: { type: 'string' },
    id: { type: 'string' },
  },
  list: { ...PLACE, json: { type: 'boolean' } },
  revoke: PLACE,
} as const;

/** What the command line asks for; `now` in milliseconds, for keys that expire after a while. Misuse is a value, too. */
export function parseKeysCommand(argv: readonly string[], now: number): KeysCommand {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return { kind: 'help' };
  const command = COMMANDS.find((known) => known === name);
  if (command === undefined) {
    const meant = likelyMeant(name, COMMANDS);
    return misuse(`"${name}" is not a command of ghostline keys. ${meant ? `Did you mean "${meant}"?` : SEE_HELP}`);
  }
  const unknown = unknownOption(rest, OPTIONS[command]);
  if (unknown !== undefined) return misuse(unknown);
  try {
    if (command === 'create') return parseCreate(rest, now);
    return command === 'list' ? parseList(rest) : parseRevoke(rest);
  } catch (error) {
    return misuse(`${(error as Error).message.split('. ')[0]}.`);
  }
}

const SEE_HELP = 'See ghostline keys --help.';

function parseCreate(argv: readonly string[], now: number): KeysCommand {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS.create, allowPositionals: true });
  if (values.help) return { kind: 'help' };
  if (positionals.length > 0)
    return misuse(`"${positionals[0]}" has no place here; name the key with --id. ${SEE_HELP}`);
  const { org, team, user } = values;
  for (const [field, value] of Object.entries({ org, team, user })) {
    if (value === undefined) return misuse(`--${field} is missing: a key says whose requests it makes. ${SEE_HELP}`);
    if (!NAME.test(value)) return misuse(`--${field} "${value}": must be 1–64 letters, digits, ".", "_" or "-".`);
  }
  const roles = values.role ?? ['developer'];
  const strange = roles.find((role) => !isRole(role));
  if (strange !== undefined) return misuse(`--role "${strange}": expected ${ROLES.join(' or ')}.`);
  const id = values.id ?? newKeyId(user!);
  if (!KEY_ID.test(id)) return misuse(`--id "${id}": must be 1–64 letters, digits, ".", "_" or "-".`);
  const expires = values.expires === undefined ? undefined : parseExpiry(values.expires, now);
  if (typeof expires === 'string') return misuse(expires);
  const key = { id, org: org!, team: team!, user: user!, roles: [...new Set(roles)] as [Role, ...Role[]], expires };
  return { kind: 'create', place: placeOf(values), key };
}

function parseList(argv: readonly string[]): KeysCommand {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS.list, allowPositionals: true });
  if (values.help) return { kind: 'help' };
  if (positionals.length > 0) return misuse(`"${positionals[0]}" has no place here: list shows all keys.`);
  return { kind: 'list', place: placeOf(values), json: values.json ?? false };
}

function parseRevoke(argv: readonly string[]): KeysCommand {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS.revoke, allowPositionals: true });
  if (values.help) return { kind: 'help' };
  const [id, ...more] = positionals;
  if (id === undefined)
    return misuse('Say which key to revoke: ghostline keys revoke ID. Ids are shown by: ghostline keys list');
  if (more.length > 0) return misuse(`One key at a time: "${more[0]}" is too many.`);
  return { kind: 'revoke', place: placeOf(values), id };
}

/** As in ghostline.yaml. */
const NAME = KEY_ID;

function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** When a key ends, in milliseconds; or a sentence about why that cannot be said. */
export function parseExpiry(text: string, now: number): number | string {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined && Number(amount) > 0) return now + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(date))
    return `--expires "${text}": expected a duration such as 90d or 12h, or a date such as 2027-01-31.`;
  return date > now ? date : `--expires "${text}" is in the past.`;
}

function placeOf(values: { config?: string | undefined; 'data-dir'?: string | undefined }): KeysPlace {
  return { config: values.config, dataDir: values['data-dir'] };
}

/** A sentence about the first option that is not known, as `parseArgs` does not guess what was meant. */
function unknownOption(argv: readonly string[], options: (typeof OPTIONS)[keyof typeof OPTIONS]): string | undefined {
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const unknown = tokens.find((token) => token.kind === 'option' && !(token.name in options));
  if (unknown?.kind !== 'option') return undefined;
  const meant = likelyMeant(unknown.name, Object.keys(options));
  return `Unknown option ${unknown.rawName}. ${meant ? `Did you mean --${meant}?` : SEE_HELP}`;
}

function misuse(detail: string): KeysCommand {
  return { kind: 'misuse', detail };
}
