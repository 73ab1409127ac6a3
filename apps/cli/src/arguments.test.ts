import { describe, expect, it } from 'vitest';
import { parseCommand } from './arguments.ts';
import { COMPLETE_HELP, HELP, REPLAY_HELP } from './help.ts';

describe('the command line', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j explains itself', (argv) => {
    expect(parseCommand(argv)).toEqual({ kind: 'help', text: HELP });
  });

  it('explains a command', () => {
    expect(parseCommand(['complete', '--help'])).toEqual({ kind: 'help', text: COMPLETE_HELP });
    expect(parseCommand(['replay', '-h'])).toEqual({ kind: 'help', text: REPLAY_HELP });
  });

  it('tells its version', () => {
    expect(parseCommand(['--version'])).toEqual({ kind: 'version' });
  });

  it('passes everything after serve to the server', () => {
    expect(parseCommand(['serve', '--port', '0', '--help'])).toEqual({
      kind: 'serve',
      serverArguments: ['--port', '0', '--help'],
    });
  });

  it('passes keys and everything after it to the server’s program, which knows where they are', () => {
    expect(parseCommand(['keys', 'revoke', 'alice', '--config', 'x.yaml'])).toEqual({
      kind: 'keys',
      serverArguments: ['keys', 'revoke', 'alice', '--config', 'x.yaml'],
    });
    expect(parseCommand(['doctor', '--json'])).toEqual({ kind: 'doctor', serverArguments: ['doctor', '--json'] });
    expect(parseCommand(['docter'])).toMatchObject({ kind: 'misuse', detail: expect.stringContaining('"doctor"') });
    expect(parseCommand(['key'])).toMatchObject({ kind: 'misuse', detail: expect.stringContaining('"keys"') });
  });

  it('reads whose spending is to stop, and takes nobody’s name for everybody', () => {
    const everybody = {
      kind: 'stop-spending',
      action: { kind: 'stop', reason: undefined, minutes: undefined },
      organisation: undefined,
      user: undefined,
      server: 'http://127.0.0.1:4700',
      tokenVariable: { name: 'GHOSTLINE_TOKEN', required: false },
      json: false,
    };
    expect(parseCommand(['stop-spending'])).toEqual(everybody);
    expect(
      parseCommand(['stop-spending', '--user', 'alice', '--org', 'acme', '--reason', 'A loop.', '--minutes', '5']),
    ).toEqual({
      ...everybody,
      action: { kind: 'stop', reason: 'A loop.', minutes: 5 },
      organisation: 'acme',
      user: 'alice',
    });
    expect(parseCommand(['stop-spending', '--resume', '--json'])).toMatchObject({
      action: { kind: 'resume' },
      json: true,
    });
    expect(parseCommand(['stop-spending', '--status'])).toMatchObject({ action: { kind: 'status' } });
    for (const [argv, detail] of [
      [['alice'], '--user alice or --org alice'],
      [['--resume', '--status'], 'one at a time'],
      [['--resume', '--reason', 'x'], 'leave it out with --resume'],
      [['--minutes', '1.5'], 'a whole number'],
      [['--server', 'x'], 'expected a URL'],
      [['--orgg', 'x'], 'Did you mean --org?'],
    ] as const) {
      expect(parseCommand(['stop-spending', ...argv])).toMatchObject({
        kind: 'misuse',
        detail: expect.stringContaining(detail),
      });
    }
  });

  it('reads a place and fills in defaults', () => {
    expect(parseCommand(['complete', 'src/a.ts:3:14'])).toEqual({
      kind: 'complete',
      position: { file: 'src/a.ts', line: 3, column: 14 },
      server: 'http://127.0.0.1:4700',
      tokenVariable: { name: 'GHOSTLINE_TOKEN', required: false },
      multiline: 'auto',
      trace: false,
      json: false,
    });
  });

  it('reads every option, before or after the place', () => {
    const argv = '--server https://ai.example/x --trace C:\\a.ts:1:1 --token-env KEY --multiline never --json'.split(
      ' ',
    );
    expect(parseCommand(['complete', ...argv])).toEqual({
      kind: 'complete',
      position: { file: 'C:\\a.ts', line: 1, column: 1 },
      server: 'https://ai.example/x',
      tokenVariable: { name: 'KEY', required: true },
      multiline: 'never',
      trace: true,
      json: true,
    });
  });

  it('replays in virtual time unless a server is named', () => {
    expect(parseCommand(['replay', 'a.jsonl'])).toEqual({
      kind: 'replay',
      recording: 'a.jsonl',
      live: undefined,
      json: false,
    });
    const argv = 'replay --server https://ai.example --token-env KEY --speed 2.5 --json a.jsonl'.split(' ');
    expect(parseCommand(argv)).toEqual({
      kind: 'replay',
      recording: 'a.jsonl',
      live: { url: 'https://ai.example', tokenVariable: { name: 'KEY', required: true }, speed: 2.5 },
      json: true,
    });
  });

  it.each([
    [['replay'], 'ghostline replay RECORDING'],
    [['relpay', 'a.jsonl'], 'Did you mean "replay"?'],
    [['replay', 'a.jsonl', 'b.jsonl'], '"b.jsonl" is too many'],
    [['replay', 'a.jsonl', '--sped', '2'], 'Unknown option --sped. Did you mean --speed?'],
    [['replay', 'a.jsonl', '--server', 'ftp://x'], '--server ftp://x: expected a URL'],
    [['replay', 'a.jsonl', '--server', 'http://x', '--speed', '0'], '--speed 0: expected a number such as 2 or 0.5.'],
    [['replay', 'a.jsonl', '--server', 'http://x', '--speed', 'fast'], '--speed fast: expected a number'],
    [['replay', 'a.jsonl', '--speed', '2'], '--speed is for a live server: name it with --server.'],
    [['replay', 'a.jsonl', '--token-env', 'KEY'], '--token-env is for a live server: name it with --server.'],
    [['complet'], 'Did you mean "complete"?'],
    [['dance'], 'See ghostline --help.'],
    [['complete'], 'FILE:LINE:COL'],
    [['complete', 'a.ts'], '"a.ts" is not FILE:LINE:COL'],
    [['complete', 'a.ts:0:1'], '"a.ts:0:1" is not FILE:LINE:COL'],
    [['complete', 'a.ts:99999999999999999999999:1'], '"a.ts:99999999999999999999999:1" is not FILE:LINE:COL'],
    [['complete', 'a.ts:1:1', 'b.ts:1:1'], '"b.ts:1:1" is too many'],
    [['complete', 'a.ts:1:1', '--servr', 'x'], 'Unknown option --servr. Did you mean --server?'],
    [['complete', 'a.ts:1:1', '--frobnicate'], 'See ghostline complete --help.'],
    [['complete', 'a.ts:1:1', '--server'], '--server'],
    [['complete', 'a.ts:1:1', '--server', 'localhost:4700'], 'expected a URL'],
    [['complete', 'a.ts:1:1', '--multiline', 'maybe'], 'auto, never, always'],
  ])('%j is misuse', (argv, detail) => {
    expect(parseCommand(argv)).toEqual({ kind: 'misuse', detail: expect.stringContaining(detail) });
  });
});
