export const HELP = `ghostline: code completions from your own machines

Usage: ghostline <command> [options]

Commands:
  serve                     start the server
  complete FILE:LINE:COL    print the completion at a place in a file
  keys create|list|revoke   who may ask the server
  doctor                    whether the server has what it needs, and what to do
  replay RECORDING          what a typing recording would cost and show
  stop-spending             stop what costs money, for everybody or one; and go on again

Options:
  --help                    this text; after a command, that command's
  --version                 the version
`;

export const SERVE_HELP = `Usage: ghostline serve [server options]

Starts the built server in a process of its own. All options are the server's; signals and the exit code pass through.
`;

export const COMPLETE_HELP = `Usage: ghostline complete FILE:LINE:COL [options]

Asks the server as an editor would, with the file and its neighbours of the same language, and prints the completion as
it is streamed. LINE and COL count from 1, COL in UTF-16 code units. Only the completion goes to stdout.

Options:
  --server URL              default: http://127.0.0.1:4700
  --token-env NAME          environment variable with the API key; default: GHOSTLINE_TOKEN
  --multiline MODE          auto (default), never or always
  --trace                   afterwards, model, region, endpoint, cache and timings on stderr
  --json                    one JSON document instead of the text: what an editor would show, and the trace
  --help                    this text

Exit codes: 0 answered (an empty completion is an answer; stderr says why), 1 failed, 2 wrong usage.
`;

export const REPLAY_HELP = `Usage: ghostline replay RECORDING [options]

Replays a typing recording (JSON lines) through the extension's own client code, in an editor that behaves as VS Code's, and
prints what was asked, reused, shown and accepted, and what it cost.

Without --server a scripted one answers, which knows the recording and is right for a stretch; time is virtual, and every
run gives the same numbers. With --server a live one is asked in real time, and its tokens are estimated.

Options:
  --server URL              a live server, such as http://127.0.0.1:4700
  --token-env NAME          environment variable with the API key for it; default: GHOSTLINE_TOKEN
  --speed N                 the recording N times as fast; the editor and the server keep their pace
  --json                    the same numbers as one JSON document
  --help                    this text

Exit codes: 0 replayed, 1 failed, 2 wrong usage.
`;

export const STOP_SPENDING_HELP = `Usage: ghostline stop-spending [--org ORG | --user USER] [options]

Stops spending, for everybody or for one organisation or user, within seconds on every gateway. Completions go on as far as
they cost nothing: from caches and from the embedded model. Needs the API key of an admin.

Options:
  --org ORG                 this organisation only
  --user USER               this user only; of your own organisation, unless --org says another one
  --reason TEXT             a sentence for whoever wonders
  --minutes N               resume by itself after so many; default: when somebody resumes
  --resume                  let it go on again
  --status                  say what is stopped
  --server URL              any gateway or admin server; default: http://127.0.0.1:4700
  --token-env NAME          environment variable with the API key; default: GHOSTLINE_TOKEN
  --json                    the server's answer as one JSON document
  --help                    this text

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;
