import packageJson from '../package.json' with { type: 'json' };
import { type Command, parseCommand } from './arguments.ts';
import { complete } from './complete.ts';
import { replayRecording } from './replay.ts';
import { serve } from './serve.ts';
import { stopSpending } from './stop-spending.ts';

const { version } = packageJson;

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(command.text);
      return 0;
    case 'version':
      process.stdout.write(`${version}\n`);
      return 0;
    case 'misuse':
      process.stderr.write(`ghostline: ${command.detail}\n`);
      return 2;
    case 'serve':
    case 'keys':
    case 'doctor':
      return await serve(command.serverArguments);
    case 'complete':
      return await complete(command, { version, stdout: process.stdout, stderr: process.stderr }, interruption());
    case 'stop-spending':
      return await stopSpending(command, { stdout: process.stdout, stderr: process.stderr }, interruption());
    case 'replay':
      return await replayRecording(
        command,
        { version, stdout: process.stdout, stderr: process.stderr },
        interruption(),
      );
  }
}

/** Aborts at the first Ctrl+C; the second one finds no handler any more and ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

// `ghostline complete … | head` closes the pipe early: no more text is wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run(parseCommand(process.argv.slice(2)));
