import pino, { type DestinationStream, type Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  readonly region: string;
}

/**
 * What may never stand in a log line, whoever logs an object that has it: bodies, headers that carry credentials, and the
 * fields of our own requests and answers that are code. Nothing logs these today; this is for whoever does tomorrow.
 */
const NEVER = [
  'authorization',
  'cookie',
  'body',
  'headers',
  'password',
  'secret',
  'token',
  'apiKey',
  'prefix',
  'suffix',
  'snippets',
  'prompt',
  'text',
  'path',
];

/** JSON lines to `destination`; one logger per process. */
export function createLog({ level, region }: LogOptions, destination: DestinationStream): Logger {
  const paths = NEVER.flatMap((field) => [field, `*.${field}`]);
  return pino(
    {
      level,
      base: { region },
      redact: { paths, censor: '[redacted]' },
      serializers: { err: describeError },
    },
    destination,
  );
}

/**
 * An error without what it may quote: V8 puts the text it could not parse into a SyntaxError's message, and a TypeError's names
 * properties. Quoted parts are cut out and the frames stay, which is what finds the line.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '', cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: name,
    ...(code !== undefined && { code }),
    message: withoutQuotes(message).slice(0, MAX_MESSAGE_CHARS),
    stack: framesOf(stack),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  };
}

/** More is a quotation, or a list that says the same thing often. */
const MAX_MESSAGE_CHARS = 300;

function withoutQuotes(message: string): string {
  return message.replaceAll(/(["'`])[^]*\1/g, '$1…$1').replaceAll(/[\r\n]+/g, ' ');
}

function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
