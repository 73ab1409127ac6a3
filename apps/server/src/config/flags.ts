import { parseArgs } from 'node:util';
import { likelyMeant } from '@ghostline/protocol';
import { ConfigError } from './config-error.ts';

export type Role = 'gateway' | 'admin' | 'analytics';

const ROLES: readonly Role[] = ['gateway', 'admin', 'analytics'];

export const USAGE = `Usage: npm start -- [options]     or: ghostline serve [options]

  --config FILE      configuration (default: ghostline.yaml in the current folder, when it is there)
  --port N           port to listen on (default 4700; 0 takes a free one)
  --host HOST        address to listen on (default 127.0.0.1)
  --data-dir DIR     event log, analytics and generated secrets (default .ghostline)
  --region NAME      region of this gateway (default local)
  --role ROLE        gateway, admin, or gateway,admin (default)
  --log-level LEVEL  trace, debug, info, warn or error (default info)
  --version, --help
`;

const OPTIONS = {
  config: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  region: { type: 'string' },
  role: { type: 'string' },
  'log-level': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What the command line says; undefined where it says nothing. */
export interface Flags {
  readonly config: string | undefined;
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly dataDir: string | undefined;
  readonly region: string | undefined;
  readonly roles: ReadonlySet<Role>;
  readonly logLevel: string | undefined;
}

/** Throws ConfigError with what was probably meant. */
export function parseFlags(argv: readonly string[]): Flags | 'help' | 'version' {
  const { help, version, config, port, host, region, role, ...others } = parse(argv);
  if (help) return 'help';
  if (version) return 'version';
  return {
    config,
    port: port === undefined ? undefined : parsePort(port),
    host,
    dataDir: others['data-dir'],
    region,
    roles: parseRoles(role),
    logLevel: others['log-level'],
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    const flag = /'-{1,2}([^'=\s]+)/.exec((error as Error).message)?.[1];
    const meant = flag && likelyMeant(flag, Object.keys(OPTIONS));
    throw new ConfigError(
      `${(error as Error).message.split('.')[0]}.${meant ? ` Did you mean --${meant}?` : ''}\n\n${USAGE}`,
    );
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`--port: "${text}" is not a port number (0–65535)`);
}

function parseRoles(text: string | undefined): ReadonlySet<Role> {
  const roles = (text ?? 'gateway,admin').split(',').map((role) => role.trim());
  for (const role of roles) {
    if (!ROLES.some((known) => known === role))
      throw new ConfigError(`--role: "${role}" is not one of ${ROLES.join(', ')}`);
  }
  return new Set(ROLES.filter((role) => roles.includes(role)));
}
