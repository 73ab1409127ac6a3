/**
 * Runs in the extension host beside the extension that is measured, and does what the benchmark asks over a socket. Active
 * before all others, so that the time it takes to load is not counted as theirs.
 */
const { createServer } = require('node:http');
const { rmSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const vscode = require('vscode');

const { GHOSTLINE_BENCH_SOCKET: socket, GHOSTLINE_BENCH_PROFILE: profilesStart } = process.env;

exports.activate = async (context) => {
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

let watch;
let profiler;

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
  /** From now on, how long the event loop is held up. */
  watchLoop() {
    watch = watchEventLoop();
  },
  /** Each turn since: [wall time, CPU time of this thread], in ms. */
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

/** A timer of 1 ms, which comes late by what it waits for; beside it, how much of the time this thread was at work. */
function watchEventLoop() {
  const turns = [];
  let at = performance.now();
  let cpu = process.threadCpuUsage();
  const tick = () => {
    const now = performance.now();
    const used = process.threadCpuUsage(cpu);
    turns.push([now - at, (used.user + used.system) / 1000]);
    at = now;
    cpu = process.threadCpuUsage();
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
