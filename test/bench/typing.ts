import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  type PromptOrder,
  type ReplayReport,
  type Script,
  createOracle,
  createScriptedServer,
  createVirtualClock,
  measuresOf,
  parseRecording,
  replay,
  toScript,
  typeThroughTimes,
} from '@ghostline/client/replay';
import { POLICIES, type PolicyName } from './typing/policies/index.ts';
import { type PolicyResult, aimsOf, printAims, printTable } from './typing/report.ts';

const RECORDINGS = path.join(import.meta.dirname, 'typing/recordings');

/** For tuning: `pnpm bench typing --policy ours --recording router --trace > trace.jsonl`. */
const OPTIONS = {
  /** Part of a recording's name. */
  recording: { type: 'string' },
  policy: { type: 'string' },
  /** Of the model's beliefs. */
  seed: { type: 'string', default: '1' },
  /** Everything that happens, a JSON line each, instead of the table. */
  trace: { type: 'boolean' },
} as const;

interface Setting {
  readonly seed: number;
  readonly order: PromptOrder;
  readonly trace: boolean;
}

/**
 * Recordings of typing, replayed in virtual time through our client and through the policies of others, against the same
 * model, the same engine and the same user. What is counted is the same for every run; the times of type-through are not.
 */
export async function typing(): Promise<unknown> {
  // Run with others, it has no options.
  const { values } = parseArgs({ args: process.argv.slice(3), options: OPTIONS });
  const { recording = '', policy: only, seed, trace = false } = values;
  const scripts = readScripts(recording);
  const names = (Object.keys(POLICIES) as PolicyName[]).filter((name) => only === undefined || name === only);
  if (scripts.size === 0) throw new Error(`no recording has "${recording}" in its name; see ${RECORDINGS}`);
  if (names.length === 0) throw new Error(`no policy "${only}"; one of ${Object.keys(POLICIES).join(', ')}`);

  const setting: Setting = { seed: Number(seed), order: 'prefix-suffix-middle', trace };
  const results: PolicyResult[] = [];
  for (const name of names) results.push(await replayAll(scripts, name, setting));
  if (trace) return results;
  const keys = sum(
    [...scripts.values()].map(({ steps }) => steps.filter(({ action }) => action.kind === 'edit').length),
  );
  console.log(`${scripts.size} recordings, ${keys.toLocaleString('en')} keys without suggestions\n`);
  printTable(results);

  const [copilot, ours] = (['copilot', 'ours'] as const).map((name) => results.find(({ policy }) => policy === name));
  if (!copilot || !ours) return { results };
  const aims = aimsOf(ours, copilot);
  console.log('');
  printAims(aims);
  const suffixFirst = await compareSuffixFirst(scripts, setting);
  console.log(`with the suffix first in the prompt: GPU tokens ${suffixFirst.toFixed(2)} × Copilot’s`);
  return { recordings: [...scripts.keys()], aims, gpuRatioSuffixFirst: suffixFirst, results };
}

/** The GPU tokens of our client in relation to Copilot's where a model reads the suffix before the prefix. */
async function compareSuffixFirst(scripts: ReadonlyMap<string, Script>, setting: Setting): Promise<number> {
  const order = 'suffix-prefix-middle';
  const ours = await replayAll(scripts, 'ours', { ...setting, order });
  const copilot = await replayAll(scripts, 'copilot', { ...setting, order });
  return ours.measures.tokens.gpu / copilot.measures.tokens.gpu;
}

function readScripts(part: string): Map<string, Script> {
  const files = readdirSync(RECORDINGS).filter((file) => file.endsWith('.jsonl') && file.includes(part));
  return new Map(files.toSorted().map((file) => [path.basename(file, '.jsonl'), readScript(file)]));
}

function readScript(file: string): Script {
  const parsed = parseRecording(readFileSync(path.join(RECORDINGS, file), 'utf8'));
  if (!parsed.ok) throw new Error(`${file}:${parsed.line}: ${parsed.detail}`);
  return toScript(parsed.recording);
}

async function replayAll(
  scripts: ReadonlyMap<string, Script>,
  policy: PolicyName,
  setting: Setting,
): Promise<PolicyResult> {
  const reports = new Map<string, ReplayReport>();
  for (const [name, script] of scripts) {
    if (setting.trace) console.log(JSON.stringify({ policy, recording: name }));
    reports.set(name, await replayOne(script, policy, setting));
  }
  const all = [...reports.values()];
  const tallies = all.map(({ tally }) => tally);
  return {
    policy,
    measures: measuresOf(tallies),
    typeThrough: typeThroughTimes(
      tallies,
      all.map(({ wall }) => wall),
    ),
    perRecording: Object.fromEntries([...reports].map(([name, { tally }]) => [name, measuresOf([tally])])),
  };
}

async function replayOne(script: Script, policy: PolicyName, { seed, order, trace }: Setting): Promise<ReplayReport> {
  const clock = createVirtualClock();
  const oracle = createOracle(script, { seed });
  try {
    return await replay(script, {
      openClient: POLICIES[policy],
      server: createScriptedServer(oracle, clock, { order }),
      clock,
      onStep: oracle.follow,
      ...(trace && { onTrace: (entry) => console.log(JSON.stringify(entry)) }),
    });
  } finally {
    clock.dispose();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
