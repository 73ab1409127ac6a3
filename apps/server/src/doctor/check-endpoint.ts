import { randomBytes } from 'node:crypto';
import { createEngine } from '@ghostline/engine';
import { type Endpoint, createInference } from '@ghostline/inference';
import { type AddressRules, createGuardedFetch } from '@ghostline/outgoing';
import type { EndpointSettings, ModelSettings } from '../config/index.ts';
import { reasonOf } from '../reason-of.ts';
import { judgeCertificate, readCertificateEnd } from './check-certificate.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** A model that is loaded at the first request takes its time. */
const COMPLETION_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 5_000;
/** The promise to developers, of which the network and the gateway need their part. */
const SLOW_FIRST_TOKEN_MS = 300;

export interface EndpointFindings {
  readonly findings: readonly Finding[];
  /** How far its clock is ahead of ours, when it says what time it has. */
  readonly clock: { readonly whose: string; readonly aheadMs: number } | undefined;
}

/** A real completion of one token, as a request would make it, and what there is to know about the server behind it. */
export async function checkEndpoint(
  model: ModelSettings,
  settings: EndpointSettings,
  build: (model: ModelSettings, endpoint: EndpointSettings) => Endpoint,
): Promise<EndpointFindings> {
  const check = `endpoint ${settings.name}`;
  const completion = await oneToken(model, () => build(model, settings));
  if (!('url' in settings)) return { findings: [judgeCompletion(check, model.name, completion)], clock: undefined };
  const { url, secret } = settings;
  const [listing, expires] = await Promise.all([readModels(settings, secret), readCertificateEnd(url, settings)]);
  const wanted = settings.model ?? model.name;
  return {
    findings: [
      judgeCompletion(check, model.name, completion),
      ...judgeModels(check, wanted, listing?.models, completion.kind === 'answered'),
      ...(expires === undefined ? [] : [judgeCertificate(check, expires, Date.now())]),
    ],
    clock: listing?.aheadMs === undefined ? undefined : { whose: settings.name, aheadMs: listing.aheadMs },
  };
}

export type OneToken =
  | { readonly kind: 'answered'; readonly firstTokenMs: number }
  | { readonly kind: 'failed'; readonly reason: string };

async function oneToken(model: ModelSettings, build: () => Endpoint): Promise<OneToken> {
  let inference: ReturnType<typeof createInference> | undefined;
  const abort = AbortSignal.timeout(COMPLETION_TIMEOUT_MS);
  try {
    const endpoint = build();
    inference = createInference({ region: endpoint.region, models: [{ name: model.name, endpoints: [{ endpoint }] }] });
    const engine = createEngine({
      inference,
      models: [model],
      cacheSecret: randomBytes(32),
      newCompletionId: () => 'doctor',
    });
    const request = {
      prefix: 'def add(a, b):\n    """The sum of two numbers."""\n    return a ',
      suffix: '\n',
      language: 'python',
      trigger: 'manual',
      max_tokens: 1,
    } as const;
    const began = performance.now();
    for await (const event of engine.complete(request, { org: 'doctor', user: 'doctor' }, abort))
      if (event.type === 'start') return { kind: 'answered', firstTokenMs: performance.now() - began };
    return { kind: 'failed', reason: 'it ended without an answer' };
  } catch (error) {
    if (abort.aborted) return { kind: 'failed', reason: `it did not answer within ${COMPLETION_TIMEOUT_MS / 1000} s` };
    return { kind: 'failed', reason: reasonOf(error) };
  } finally {
    await inference?.close();
  }
}

export function judgeCompletion(check: string, model: string, completion: OneToken): Finding {
  if (completion.kind === 'failed')
    return failure(
      check,
      completion.reason,
      `Ask it yourself with curl, and compare url, model, apiKey and template of "${model}".`,
    );
  const took = `first token after ${Math.round(completion.firstTokenMs)} ms`;
  if (completion.firstTokenMs <= SLOW_FIRST_TOKEN_MS) return ok(check, took);
  const fix =
    'Run the doctor again: the first request may have loaded the model. If it stays so, choose a smaller model or a nearer machine.';
  return warning(check, took, fix);
}

/** `served`: undefined when the server does not list its models, as some do not. */
export function judgeModels(
  check: string,
  wanted: string,
  served: readonly string[] | undefined,
  answered: boolean,
): Finding[] {
  if (served === undefined || served.includes(wanted)) return [];
  const detail = `does not list the model "${wanted}"; it lists ${served.slice(0, 5).join(', ') || 'none'}`;
  const fix = 'Set model of this endpoint to one of those.';
  return [answered ? warning(check, detail, fix) : failure(check, detail, fix)];
}

async function readModels({ url, ...rules }: AddressRules & { readonly url: string }, apiKey: string | undefined) {
  const address = new URL(`${url.replace(/\/+$/, '')}/models`);
  try {
    const sent = Date.now();
    const response = await createGuardedFetch(rules)(address, {
      redirect: 'manual',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    const aheadMs = Number.isNaN(date) ? undefined : date - (sent + Date.now()) / 2;
    if (!response.ok) return { models: undefined, aheadMs };
    const { data } = (await response.json()) as { data?: readonly { id?: unknown }[] };
    return { models: data?.flatMap(({ id }) => (typeof id === 'string' ? id : [])), aheadMs };
  } catch {
    return undefined;
  }
}
