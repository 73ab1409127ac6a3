import {
  type CompletionResponse,
  ProblemError,
  type StartEvent,
  type StreamEvent,
  problemName,
} from '@ghostline/protocol';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { AppEnv } from '../http/app-env.ts';
import { type Outgoing, openEventStream } from '../http/event-stream.ts';
import type { Metrics } from '../metrics/index.ts';

/** As server-sent events, straight to the socket; nothing is sent before there is a first one. */
export async function respondStreaming(
  c: Context<AppEnv>,
  outgoing: Outgoing,
  events: AsyncGenerator<StreamEvent>,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Promise<Response> {
  const first = await events.next();
  if (first.done) return c.body(null, 499 as 400);
  const stream = openEventStream(outgoing, c.get('headers'));
  await stream.send(first.value);
  try {
    for await (const event of events) {
      // As one document it becomes an error response, which is counted where all of them are.
      if (event.event === 'error') metrics.problems.inc({ problem: problemName(event.data) ?? 'internal' });
      await stream.send(event);
    }
    stream.end();
  } catch (error) {
    // `answer` throws after `start` only when the client has gone.
    log.debug({ requestId: c.var.requestId, reason: String(error) }, 'stream ended early');
    outgoing.destroy();
  }
  return RESPONSE_ALREADY_SENT;
}

/** As one document. Throws ProblemError for an `error` event. */
export async function respondWhole(c: Context<AppEnv>, events: AsyncGenerator<StreamEvent>): Promise<Response> {
  const choices: CompletionResponse['choices'] = [];
  let start: StartEvent | undefined;
  for await (const { event, data } of events) {
    if (event === 'start') start = data;
    else if (event === 'delta') choiceAt(choices, data.index).text += data.text;
    else if (event === 'finish') choiceAt(choices, data.index).finish_reason = data.reason;
    else if (event === 'error') throw new ProblemError(data);
    else if (start) {
      const { usage, timings, reason } = data;
      // A stream says the end of its first line as soon as it is there; a whole answer has no line after it.
      for (const choice of choices) choice.text = wholeText(choice);
      const body: CompletionResponse = { ...start, choices, usage, timings, ...(reason && { reason }) };
      c.header('cache-control', 'no-store');
      return c.json(body);
    }
  }
  throw new Error('the engine ended without "done"');
}

/** Of what was filtered the last line is the one that nobody should see, as far as it had been said. */
function wholeText({ text, finish_reason: reason }: CompletionResponse['choices'][number]): string {
  return reason === 'filtered' ? text.slice(0, Math.max(0, text.lastIndexOf('\n'))) : text.replace(/\n$/, '');
}

function choiceAt(choices: CompletionResponse['choices'], index: number): CompletionResponse['choices'][number] {
  const known = choices.find((choice) => choice.index === index);
  if (known) return known;
  // Replaced by its `finish`; without one it was cut off.
  const choice = { index, text: '', finish_reason: 'time' as const };
  choices.push(choice);
  return choice;
}
