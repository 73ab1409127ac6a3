import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import {
  createOracle,
  createScriptedServer,
  createVirtualClock,
  parseRecording,
  replay,
  toScript,
} from '@ghostline/client/replay';
import { createTiktokenCounter, textOfPieces } from '@ghostline/inference';
import type { CompletionRequest } from '@ghostline/protocol';
import { type Prompt, chooseSampling, createPromptBuilder } from '../../packages/engine/src/prompt/prompt.ts';
import { createMakeSafe } from '../../packages/engine/src/safety/safe-request.ts';
import { createTokenRatios } from '../../packages/engine/src/tokens/token-ratios.ts';
import { createOurs } from './typing/policies/ours.ts';

const RECORDINGS = path.join(import.meta.dirname, 'typing/recordings');
/** vLLM's blocks: a prefix cache is hit by whole ones. Four characters a token are near enough to compare by. */
const BLOCK_CHARS = 16 * 4;
const TEMPLATES = ['qwen2.5-coder', 'codestral'] as const;
const CONTEXTS = [2048, 4096, 8192] as const;
/** Lessons before an estimate is judged: a quarter of an hour of one developer. */
const LESSONS = 12;

/**
 * What is shown to models: how much of each prompt the engine has read before, how far estimates of tokens are from
 * tiktoken's count, and what building a prompt costs. The requests are those of our client over the recordings of typing,
 * as they are and with the snippets of a bigger workspace.
 */
export async function prompt(): Promise<unknown> {
  const requests = await recordedRequests();
  const crowded = new Map([...requests].map(([name, own], index) => [name, crowd(own, [...requests.values()], index)]));
  const reuse = { asSent: reuseOf(requests), crowded: reuseOf(crowded) };
  const tokens = await tokenErrors(requests);
  const micros = { fits: microsOf(crowded, 65_536), tooLong: microsOf(crowded, 4096) };
  console.log(`\nbuilding a prompt: ${micros.fits.toFixed(1)} µs, ${micros.tooLong.toFixed(1)} µs when it is too long`);
  return { reuse, tokens, micros };
}

type Requests = ReadonlyMap<string, readonly CompletionRequest[]>;

/** What our client sends while each recording is typed. */
async function recordedRequests(): Promise<Requests> {
  const all = new Map<string, CompletionRequest[]>();
  for (const file of readdirSync(RECORDINGS).filter((name) => name.endsWith('.jsonl'))) {
    const parsed = parseRecording(readFileSync(path.join(RECORDINGS, file), 'utf8'));
    if (!parsed.ok) throw new Error(`${file}:${parsed.line}: ${parsed.detail}`);
    const script = toScript(parsed.recording);
    const clock = createVirtualClock();
    const oracle = createOracle(script, { seed: 1 });
    const requests: CompletionRequest[] = [];
    await replay(script, {
      openClient: (seams) =>
        createOurs({
          ...seams,
          transport: {
            ...seams.transport,
            complete(request, signal) {
              requests.push(request);
              return seams.transport.complete(request, signal);
            },
          },
        }),
      server: createScriptedServer(oracle, clock, { order: 'prefix-suffix-middle' }),
      clock,
      onStep: oracle.follow,
    });
    clock.dispose();
    all.set(path.basename(file, '.jsonl'), requests);
  }
  return all;
}

/** With snippets of five other files, and one that was just looked at in the same file. */
function crowd(own: readonly CompletionRequest[], all: readonly (readonly CompletionRequest[])[], index: number) {
  const others = [1, 3, 5, 7, 9].map((distance, rank) => {
    const { prefix, suffix, path: file = 'other' } = all[(index + distance) % all.length]![0]!;
    return { path: file, text: (prefix + suffix).slice(0, 2500), source: 'open_file' as const, score: rank / 10 };
  });
  const { path: file = 'own', prefix } = own[0]!;
  const seen = { path: file, text: prefix.slice(-1500), source: 'recent_view' as const, score: 0.9 };
  return own.map((request) => ({ ...request, snippets: [...(request.snippets ?? []), ...others, seen] }));
}

function builder(ratioOf?: ReturnType<typeof createTokenRatios>['of']) {
  const makeSafe = createMakeSafe();
  const prompts = createPromptBuilder(ratioOf && { ratioOf });
  return (request: CompletionRequest, template: string, contextTokens: number): Prompt =>
    prompts.build(
      makeSafe(request, () => false),
      chooseSampling(request),
      { name: 'm', template, contextTokens },
      SCOPE,
    );
}
const SCOPE = { affinity: 'a', tenant: 't' };

/** The share of what engines read that they have in their cache from the prompt before, and what was left out. */
function reuseOf(requests: Requests) {
  const rows = TEMPLATES.flatMap((template) =>
    CONTEXTS.map((contextTokens) => {
      let common = 0;
      let total = 0;
      let chars = 0;
      let saved = 0;
      for (const sequence of requests.values()) {
        const build = builder();
        let last = '';
        for (const [index, request] of sequence.entries()) {
          const prompt = build(request, template, contextTokens);
          const text = textOfPieces(prompt.render(template).pieces);
          chars += text.length;
          saved += prompt.savedTokens;
          if (index > 0) {
            common += Math.floor(commonLength(last, text) / BLOCK_CHARS) * BLOCK_CHARS;
            total += text.length;
          }
          last = text;
        }
      }
      const count = [...requests.values()].reduce((sum, { length }) => sum + length, 0);
      return { template, contextTokens, reused: common / total, chars: chars / count, savedTokens: saved / count };
    }),
  );
  for (const { template, contextTokens, reused, chars, savedTokens } of rows)
    console.log(
      `${template.padEnd(14)} ${String(contextTokens).padStart(5)} tokens: ${(100 * reused).toFixed(1)} % of ${Math.round(chars)} characters read before; ${savedTokens.toFixed(0)} tokens left out`,
    );
  return rows;
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** How far the estimate and what is learned are from tiktoken, over prompts of files that were not learned from. */
async function tokenErrors(requests: Requests) {
  const counter = createTiktokenCounter({ encoding: 'o200k_base' });
  const { signal } = new AbortController();
  const ratios = createTokenRatios();
  const build = builder();
  const plain: number[] = [];
  const learned: number[] = [];
  let over = 0;
  for (const sequence of requests.values()) {
    const step = Math.max(1, Math.floor(sequence.length / (2 * LESSONS)));
    const sampled = sequence.filter((_, index) => index % step === 0).slice(0, 2 * LESSONS);
    for (const [index, request] of sampled.entries()) {
      const { baseTokens, language, prefix, suffix, snippets } = build(request, 'plain', 65_536);
      const tokens = await counter.count([prefix, suffix, ...snippets.map(({ text }) => text)].join(''), signal);
      if (index < LESSONS) ratios.learn('m', language, baseTokens, tokens);
      else {
        const { typical, safe } = ratios.of('m', language);
        plain.push(Math.abs(baseTokens / tokens - 1));
        learned.push(Math.abs((baseTokens * typical) / tokens - 1));
        if (baseTokens * safe < tokens) over += 1;
      }
    }
  }
  await counter.close();
  const result = {
    estimate: { p50: quantile(plain, 0.5), p95: quantile(plain, 0.95) },
    learned: { p50: quantile(learned, 0.5), p95: quantile(learned, 0.95) },
    aboveSafe: over / learned.length,
    prompts: learned.length,
  };
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `\ntokens of ${result.prompts} prompts against tiktoken: off by ${percent(result.estimate.p50)} (p95 ${percent(result.estimate.p95)}) by the estimate, by ${percent(result.learned.p50)} (p95 ${percent(result.learned.p95)}) once learned; ${percent(result.aboveSafe)} above the safe ratio`,
  );
  return result;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;
}

/** Prompts that are timed together: few enough for some round to be undisturbed. */
const BATCH = 20;
const ROUNDS = 12;

/** Microseconds a prompt, of requests parsed anew as from a socket: of each batch the quickest round, as others use the machine. */
function microsOf(requests: Requests, contextTokens: number): number {
  const bodies = [...requests.values()].flat().map((request) => JSON.stringify(request));
  const makeSafe = createMakeSafe();
  const prompts = createPromptBuilder();
  const model = { name: 'm', template: 'qwen2.5-coder', contextTokens };
  const best: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = bodies.map((body) => {
      const request = JSON.parse(body) as CompletionRequest;
      return { safe: makeSafe(request, () => false), sampling: chooseSampling(request) };
    });
    for (let at = 0; at + BATCH <= parsed.length; at += BATCH) {
      const began = process.hrtime.bigint();
      for (const { safe, sampling } of parsed.slice(at, at + BATCH))
        prompts.build(safe, sampling, model, SCOPE).render(model.template);
      const spent = Number(process.hrtime.bigint() - began) / 1000;
      best[at / BATCH] = Math.min(best[at / BATCH] ?? Number.POSITIVE_INFINITY, spent);
    }
  }
  return best.reduce((sum, spent) => sum + spent, 0) / best.length / BATCH;
}
