import { type ReplayReport, measuresOf, typeThroughTimes } from '@ghostline/client/replay';

export interface About {
  /** File name of the recording. */
  readonly recording: string;
  /** URL, or `scripted`. */
  readonly server: string;
}

/** Everything that was measured, with the names of the wire. What is below `wall` differs from run to run. */
export function reportDocument(about: About, { tally, wall }: ReplayReport): unknown {
  const measures = measuresOf([tally]);
  return snakeCase({ ...about, ...measures, wall: { typeThroughMs: typeThroughTimes([tally], [wall]) } });
}

/** Lines for people, aligned. */
export function formatReport({ recording, server }: About, { tally, wall }: ReplayReport): string {
  const measures = measuresOf([tally]);
  const { requests, reused, suggestions, keys, pauses, keystrokeToTextMs: latency, tokens } = measures;
  const through = typeThroughTimes([tally], [wall]);
  const rows: [string, string][] = [
    ['asked', `${measures.asked} times by the editor`],
    [
      'requests',
      `${requests.automatic} automatic, ${requests.speculative} speculative, ${requests.manual} manual; ${requests.aborted} aborted`,
    ],
    ['reused', `${reused.typed} typed along, ${reused.cache} from the cache, ${reused.inflight} in flight`],
    ['shown', `${suggestions.shown} suggestions, ${suggestions.shownInTime} of them in time`],
    [
      'accepted',
      `${suggestions.accepted} whole, ${suggestions.acceptedInPart} in part: ${measures.characters.accepted} characters`,
    ],
    ['pauses', `${pauses.count} of half a second and more, ${percent(pauses.coveredShare)} with a suggestion`],
    ['flicker', `${measures.flickers} replaced, ${measures.vanished} vanished while they fitted`],
    ['text after', `${ms(latency.p50)} (p50), ${ms(latency.p95)} (p95)`],
    [
      'typed along',
      `${through.count} keys, ${percent(through.inTimeShare)} answered within 2 ms (p95 ${through.p95.toFixed(2)} ms)`,
    ],
    ['prompts', `${count(tokens.prompt)} tokens, ${percent(tokens.cachedShare)} in the engine's KV cache`],
    [
      'GPU tokens',
      `${count(tokens.gpu)}: ${count(tokens.prefill)} prefill, ${count(tokens.decoded)} decoded; ` +
        `${count(tokens.gpuSpeculative)} of them speculative`,
    ],
    [
      'per char',
      `${tokens.gpuPerAcceptedChar.toFixed(1)} GPU, ${tokens.promptPerAcceptedChar.toFixed(1)} prompt, ` +
        `${tokens.decodedPerAcceptedChar.toFixed(1)} decoded tokens for each character accepted`,
    ],
  ];
  const head =
    `${recording}, server: ${server}\n` +
    `${keys.unaided} keys in ${seconds(measures.unaidedMs)} without suggestions, ` +
    `${keys.pressed} in ${seconds(measures.durationMs)} with them\n\n`;
  return head + rows.map(([name, value]) => `${name.padEnd(13)}${value}\n`).join('');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
function seconds(value: number): string {
  return `${Math.round(value / 1000)} s`;
}

/** The same document with `snake_case` names, all the way down. */
function snakeCase(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  );
}
