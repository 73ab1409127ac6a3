import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Multiline, likelyMeant } from '@ghostline/protocol';
import { COMPLETE_HELP, HELP, REPLAY_HELP, STOP_SPENDING_HELP } from './help.ts';
import { type Position, parsePosition } from './position.ts';

export interface CompleteCommand {
  readonly kind: 'complete';
  readonly position: Position;
  readonly server: string;
  readonly tokenVariable: TokenVariable;
  readonly multiline: Multiline;
  readonly trace: boolean;
  readonly json: boolean;
}

export interface ReplayCommand {
  readonly kind: 'replay';
  readonly recording: string;
  /** Absent: a scripted one that knows the recording, in virtual time. */
  readonly live: LiveServer | undefined;
  readonly json: boolean;
}

export interface LiveServer {
  readonly url: string;
  readonly tokenVariable: TokenVariable;
  /** How many times as fast as recorded. */
  readonly speed: number;
}

/** Name of the environment variable with the key; `required` when it was asked for by name. */
export interface TokenVariable {
  readonly name: string;
  readonly required: boolean;
}

/** Whose spending is meant: a user's, an organisation's, or with neither everybody's. */
export interface SpendingCommand {
  readonly kind: 'stop-spending';
  readonly action:
    | { readonly kind: 'stop'; readonly reason: string | undefined; readonly minutes: number | undefined }
    | { readonly kind: 'resume' }
    | { readonly kind: 'status' };
  readonly organisation: string | undefined;
  readonly user: string | undefined;
  readonly server: string;
  readonly tokenVariable: TokenVariable;
  readonly json: boolean;
}

export type Command =
  | CompleteCommand
  | SpendingCommand
  | ReplayCommand
  | { readonly kind: 'serve' | 'keys' | 'doctor'; readonly serverArguments: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | Misuse;

interface Misuse {
  readonly kind: 'misuse';
  readonly detail: string;
}

const COMMANDS = ['serve', 'complete', 'replay', 'keys', 'doctor', 'stop-spending'] as const;
/** Where `ghostline serve` listens without a configuration. */
const DEFAULT_SERVER = 'http://127.0.0.1:4700';
const DEFAULT_TOKEN_VARIABLE = 'GHOSTLINE_TOKEN';

/** What the command line asks for. Misuse is a value, too: its `detail` is what to tell the user. */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return { kind: 'help', text: HELP };
  if (name === '--version' || name === '-v') return { kind: 'version' };
  if (name === 'serve') return { kind: 'serve', serverArguments: rest };
  // The server's program knows where its keys are, and what it needs.
  if (name === 'keys' || name === 'doctor') return { kind: name, serverArguments: argv };
  if (name === 'complete') return parseComplete(rest);
  if (name === 'replay') return parseReplay(rest);
  if (name === 'stop-spending') return parseSpending(rest);
  const meant = likelyMeant(name, COMMANDS);
  const hint = meant ? `Did you mean "${meant}"?` : 'See ghostline --help.';
  return misuse(`"${name}" is not a command of ghostline. ${hint}`);
}

const COMPLETE_OPTIONS = {
  server: { type: 'string' },
  'token-env': { type: 'string' },
  multiline: { type: 'string' },
  trace: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parseComplete(argv: readonly string[]): Command {
  const parsed = parseOptions(argv, COMPLETE_OPTIONS, 'complete');
  if ('kind' in parsed) return parsed;
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help', text: COMPLETE_HELP };

  const [place, ...extra] = positionals;
  if (place === undefined) return misuse('Say where to complete: ghostline complete FILE:LINE:COL');
  if (extra.length > 0) return misuse(`One place at a time: "${extra[0]}" is too many.`);
  const position = parsePosition(place);
  if (!position) return misuse(`"${place}" is not FILE:LINE:COL, such as src/main.ts:12:5 (both count from 1).`);

  const multiline = Multiline.safeParse(values.multiline ?? 'auto');
  if (!multiline.success) {
    return misuse(`--multiline ${values.multiline}: expected one of ${Multiline.options.join(', ')}.`);
  }
  const server = values.server ?? DEFAULT_SERVER;
  if (!isHttpUrl(server)) return notAServer(server);
  return {
    kind: 'complete',
    position,
    server,
    tokenVariable: tokenVariable(values['token-env']),
    multiline: multiline.data,
    trace: values.trace ?? false,
    json: values.json ?? false,
  };
}

const REPLAY_OPTIONS = {
  server: { type: 'string' },
  'token-env': { type: 'string' },
  speed: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parseReplay(argv: readonly string[]): Command {
  const parsed = parseOptions(argv, REPLAY_OPTIONS, 'replay');
  if ('kind' in parsed) return parsed;
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help', text: REPLAY_HELP };

  const [recording, ...extra] = positionals;
  if (recording === undefined) return misuse('Say what to replay: ghostline replay RECORDING');
  if (extra.length > 0) return misuse(`One recording at a time: "${extra[0]}" is too many.`);
  const { server, speed: given = '1' } = values;
  const speed = Number(given);
  if (!(speed > 0 && Number.isFinite(speed))) return misuse(`--speed ${given}: expected a number such as 2 or 0.5.`);
  if (server !== undefined && !isHttpUrl(server)) return notAServer(server);
  const needsServer =
    values.speed === undefined ? (values['token-env'] === undefined ? undefined : '--token-env') : '--speed';
  if (server === undefined && needsServer) {
    return misuse(`${needsServer} is for a live server: name it with --server. Without one, time is virtual.`);
  }
  const live =
    server === undefined ? undefined : { url: server, tokenVariable: tokenVariable(values['token-env']), speed };
  return { kind: 'replay', recording, live, json: values.json ?? false };
}

const SPENDING_OPTIONS = {
  org: { type: 'string' },
  user: { type: 'string' },
  reason: { type: 'string' },
  minutes: { type: 'string' },
  resume: { type: 'boolean' },
  status: { type: 'boolean' },
  server: { type: 'string' },
  'token-env': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parseSpending(argv: readonly string[]): Command {
  const parsed = parseOptions(argv, SPENDING_OPTIONS, 'stop-spending');
  if ('kind' in parsed) return parsed;
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help', text: STOP_SPENDING_HELP };

  // `stop-spending alice` must not stop everybody.
  const [extra] = positionals;
  if (extra !== undefined) return misuse(`Say whose spending: --user ${extra} or --org ${extra}.`);
  if (values.resume && values.status) return misuse('--resume or --status: one at a time.');
  for (const option of ['reason', 'minutes'] as const) {
    if (values[option] !== undefined && (values.resume || values.status)) {
      return misuse(`--${option} is for stopping; leave it out with --${values.resume ? 'resume' : 'status'}.`);
    }
  }
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  if (minutes !== undefined && !(Number.isInteger(minutes) && minutes > 0)) {
    return misuse(`--minutes ${values.minutes}: expected a whole number such as 30.`);
  }
  const { server = DEFAULT_SERVER } = values;
  if (!isHttpUrl(server)) return notAServer(server);
  return {
    kind: 'stop-spending',
    action: values.resume
      ? { kind: 'resume' }
      : values.status
        ? { kind: 'status' }
        : { kind: 'stop', reason: values.reason, minutes },
    organisation: values.org,
    user: values.user,
    server,
    tokenVariable: tokenVariable(values['token-env']),
    json: values.json ?? false,
  };
}

function tokenVariable(name: string | undefined): TokenVariable {
  return { name: name ?? DEFAULT_TOKEN_VARIABLE, required: name !== undefined };
}

function isHttpUrl(server: string): boolean {
  const protocol = URL.parse(server)?.protocol;
  return protocol === 'http:' || protocol === 'https:';
}

function notAServer(server: string): Command {
  return misuse(`--server ${server}: expected a URL such as ${DEFAULT_SERVER}.`);
}

type Options = NonNullable<ParseArgsConfig['options']>;

function parseOptions<T extends Options>(argv: readonly string[], options: T, command: string) {
  const unknown = unknownOption(argv, options, command);
  if (unknown !== undefined) return misuse(unknown);
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    return misuse(`${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** A sentence about the first option that is not known, as `parseArgs` does not guess what was meant. */
function unknownOption(argv: readonly string[], options: Options, command: string): string | undefined {
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const unknown = tokens.find((token) => token.kind === 'option' && !(token.name in options));
  if (unknown?.kind !== 'option') return undefined;
  const meant = likelyMeant(unknown.name, Object.keys(options));
  return `Unknown option ${unknown.rawName}. ${meant ? `Did you mean --${meant}?` : `See ghostline ${command} --help.`}`;
}

function misuse(detail: string): Misuse {
  return { kind: 'misuse', detail };
}
