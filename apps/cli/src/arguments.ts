import { parseArgs } from 'node:util';
import { Multiline, likelyMeant } from '@ghostline/protocol';
import { COMPLETE_HELP, HELP } from './help.ts';
import { type Position, parsePosition } from './position.ts';

export interface CompleteCommand {
  readonly kind: 'complete';
  readonly position: Position;
  readonly server: string;
  /** Name of the environment variable with the key; `required` when it was asked for by name. */
  readonly tokenVariable: { readonly name: string; readonly required: boolean };
  readonly multiline: Multiline;
  readonly trace: boolean;
  readonly json: boolean;
}

export type Command =
  | CompleteCommand
  | { readonly kind: 'serve'; readonly serverArguments: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'misuse'; readonly detail: string };

const COMMANDS = ['serve', 'complete'] as const;
/** Where `ghostline serve` listens without a configuration. */
const DEFAULT_SERVER = 'http://127.0.0.1:4700';
const DEFAULT_TOKEN_VARIABLE = 'GHOSTLINE_TOKEN';

/** What the command line asks for. Misuse is a value, too: its `detail` is what to tell the user. */
export function parseCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return { kind: 'help', text: HELP };
  if (name === '--version' || name === '-v') return { kind: 'version' };
  if (name === 'serve') return { kind: 'serve', serverArguments: rest };
  if (name === 'complete') return parseComplete(rest);
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
  const unknown = unknownOption(argv);
  if (unknown) return misuse(unknown);
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: COMPLETE_OPTIONS, allowPositionals: true });
  } catch (error) {
    return misuse(`${error instanceof Error ? error.message : String(error)}.`);
  }
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
  const protocol = URL.parse(server)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') {
    return misuse(`--server ${server}: expected a URL such as ${DEFAULT_SERVER}.`);
  }
  return {
    kind: 'complete',
    position,
    server,
    tokenVariable: {
      name: values['token-env'] ?? DEFAULT_TOKEN_VARIABLE,
      required: values['token-env'] !== undefined,
    },
    multiline: multiline.data,
    trace: values.trace ?? false,
    json: values.json ?? false,
  };
}

/** A sentence about the first option that is not known, as `parseArgs` does not guess what was meant. */
function unknownOption(argv: readonly string[]): string | undefined {
  const { tokens } = parseArgs({
    args: [...argv],
    options: COMPLETE_OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find((token) => token.kind === 'option' && !(token.name in COMPLETE_OPTIONS));
  if (unknown?.kind !== 'option') return undefined;
  const meant = likelyMeant(unknown.name, Object.keys(COMPLETE_OPTIONS));
  return `Unknown option ${unknown.rawName}. ${meant ? `Did you mean --${meant}?` : 'See ghostline complete --help.'}`;
}

function misuse(detail: string): Command {
  return { kind: 'misuse', detail };
}
