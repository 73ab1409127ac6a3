/**
 * Runs in the extension host beside the extension that is measured, and does what the benchmark asks over a socket. Active
 * before all others, so that the time it takes to load is not counted as theirs.
 */
const { createServer } = require('node:http');
const { existsSync, openSync, readSync, rmSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const vscode = require('vscode');

const { GHOSTLINE_BENCH_SOCKET: socket, GHOSTLINE_BENCH_PROFILE: profilesStart } = process.env;

let watch;
let profiler;

exports.activate = async (context) => {
  watch = watchEventLoop();
  if (profilesStart) await deeds.profile();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const { deed, ...input } = JSON.parse(Buffer.concat(chunks).toString());
      const answer = await deeds[deed](input);
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error.stack));
    }
  });
  // That of the extension host before this one.
  rmSync(socket, { force: true });
  server.listen(socket);
  context.subscriptions.push({ dispose: () => server.close() });
};

const deeds = {
  processId: () => process.pid,
  isActive: ({ id }) => vscode.extensions.getExtension(id)?.isActive === true,
  set: ({ name, value }) => vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global),
  /** In an editor that stays, with the cursor there. */
  async open({ file, line, character }) {
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const position = new vscode.Position(line, character);
    editor.selection = new vscode.Selection(position, position);
    editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenter);
  },
  text: () => vscode.window.activeTextEditor?.document.getText(),
  /** The inspector's entries, newest first. */
  keystrokes: () => vscode.extensions.getExtension('ghostline.ghostline')?.exports.keystrokes() ?? [],
  /** What VS Code knows of its own start; the times of extensions among it. */
  async startupPerformance() {
    await vscode.commands.executeCommand('perfview.show');
    // Written after it is shown.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'perf');
    const text = document?.getText();
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    return text;
  },
  /** A new process; this one cannot say when it is there. */
  restart: () => void setImmediate(() => vscode.commands.executeCommand('workbench.action.restartExtensionHost')),
  /** From now on, how long the event loop is held up; at first, from the start on. */
  watchLoop() {
    watch.stop();
    watch = watchEventLoop();
  },
  /** Each turn since: how long it took, how long this thread computed and how long it waited for a processor, in ms. */
  unwatchLoop: () => watch.stop(),
  async profile() {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: 200 });
    await profiler.post('Profiler.start');
  },
  async unprofile() {
    const { profile } = await profiler.post('Profiler.stop');
    profiler.disconnect();
    return profile;
  },
};

/** A timer of 1 ms, which comes late by what it waits for; beside it, what this thread did in the meantime. */
function watchEventLoop() {
  const turns = [];
  const thread = threadClock();
  let at = performance.now();
  let { computed, waited } = thread.now();
  const tick = () => {
    const now = performance.now();
    const then = thread.now();
    turns.push([now - at, then.computed - computed, then.waited - waited]);
    at = now;
    ({ computed, waited } = then);
    timer = setTimeout(tick, 1);
  };
  let timer = setTimeout(tick, 1);
  return {
    stop() {
      clearTimeout(timer);
      return turns;
    },
  };
}

/** How long the main thread has computed, and where the system tells, how long it waited for a processor to do so, in ms. */
function threadClock() {
  const scheduling = existsSync('/proc/self/schedstat') ? openSync('/proc/self/schedstat') : undefined;
  const buffer = Buffer.alloc(64);
  return {
    now() {
      if (scheduling !== undefined) {
        const [ranNs, waitedNs] = buffer.toString('latin1', 0, readSync(scheduling, buffer, 0, 64, 0)).split(' ');
        return { computed: Number(ranNs) / 1e6, waited: Number(waitedNs) / 1e6 };
      }
      const { user, system } = process.threadCpuUsage();
      return { computed: (user + system) / 1000, waited: 0 };
    },
  };
}
