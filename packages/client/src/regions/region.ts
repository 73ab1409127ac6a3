import type { RegionsResponse, StreamEvent } from '@ghostline/protocol';
import { type SetTimer } from '../timer.ts';
import type { HttpTransport } from '../transport/http.ts';
import type { Standing } from './choice.ts';
import { CLOSED, type Circuit, type Severity, afterFailure, isDue } from './circuit.ts';

/** How much the last measurement counts: the rest of it is half forgotten after two more. */
const WEIGHT = 0.3;
/** How old a measurement may be before the region is looked at again. */
const FRESH_MS = 5 * 60_000;
/** One exchange with the other side of the earth takes a third of a second. */
const PROBE_MS = 2_000;

/** What a model takes for its first token when nobody knows better; a cold one on a CPU takes five seconds. */
const UNKNOWN_PATIENCE_MS = 4_000;
/** The slowest of a hundred answers takes about six times as long as the usual one. */
const PATIENCE_FACTOR = 6;
const SHORTEST_PATIENCE_MS = 2_000;
const LONGEST_PATIENCE_MS = 10_000;

/** Requests given up before anything came, though answers usually were there by then. */
const SUSPICIOUS = 2;
const SUSPICIOUS_FACTOR = 4;
const SHORTEST_SUSPICIOUS_MS = 600;

export type Health = RegionsResponse['regions'][number]['health'];

export interface RegionOptions {
  /** Undefined until the server has said how it is called. */
  readonly name: string | undefined;
  readonly url: string;
  readonly isHome: boolean;
  readonly transport: HttpTransport;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly random: () => number;
  /** Something that choosing goes by has changed. */
  readonly onMeasured: () => void;
}

/** One request as its region sees it. */
export interface Visit {
  heard(event: StreamEvent): void;
  failed(severity: Severity | undefined): void;
  /** The caller went; after the end or `failed` that tells nothing. */
  left(): void;
}

/** One region: what is known of it, from its answers and from looking. */
export interface Region {
  readonly key: string;
  readonly url: string;
  readonly isHome: boolean;
  readonly transport: HttpTransport;
  name(): string | undefined;
  /** What the list of the server says now. */
  listed(name: string, health: Health): void;
  /** It has answered something else than a completion. */
  reached(): void;
  standing(): Standing;
  /** How long to wait for its first word when somebody else could answer, in ms. */
  patienceMs(): number;
  visit(): Visit;
  /** A look is wanted: never measured, long ago, suspiciously silent, or it may be back. */
  wantsLook(): boolean;
  /** Looks, unless that is under way. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
}

export function createRegion(options: RegionOptions): Region {
  const { url, isHome, transport, now, setTimer, random, onMeasured } = options;
  const key = `${options.name ?? ''} ${url}`;
  let { name } = options;
  let health: Health = 'ok';
  let circuit: Circuit = CLOSED;
  let networkMs: number | undefined;
  let firstEventMs: number | undefined;
  let measuredAt: number | undefined;
  let silences = 0;
  let looking: Promise<void> | undefined;

  function measured(ms: number): void {
    networkMs = smoothed(networkMs, Math.max(0, ms));
    measuredAt = now();
  }

  function answered(): void {
    circuit = CLOSED;
    silences = 0;
  }

  async function probe(signal: AbortSignal): Promise<void> {
    if (circuit.kind === 'open') circuit = { kind: 'half-open', times: circuit.times };
    const late = new AbortController();
    const cancel = setTimer(() => late.abort(), PROBE_MS);
    try {
      const ms = await transport.probe(AbortSignal.any([signal, late.signal]));
      if (signal.aborted) return;
      answered();
      measured(ms);
    } catch {
      if (signal.aborted) {
        if (circuit.kind === 'half-open') circuit = { kind: 'open', until: now(), times: circuit.times };
        return;
      }
      silences = 0;
      measuredAt = now();
      circuit = afterFailure(circuit, 'costly', now(), random());
    } finally {
      cancel();
    }
    onMeasured();
  }

  return {
    key,
    url,
    isHome,
    transport,
    name: () => name,
    listed(listedName, listedHealth) {
      name = listedName;
      health = listedHealth;
    },
    reached: answered,
    standing: () => ({
      key,
      isHome,
      usable: circuit.kind === 'closed',
      networkMs,
      degraded: health !== 'ok',
    }),
    patienceMs() {
      if (firstEventMs === undefined) return UNKNOWN_PATIENCE_MS;
      return Math.min(LONGEST_PATIENCE_MS, Math.max(SHORTEST_PATIENCE_MS, PATIENCE_FACTOR * firstEventMs));
    },
    visit() {
      const began = now();
      let first: number | undefined;
      let over = false;
      return {
        heard(event) {
          if (first === undefined) {
            first = now() - began;
            firstEventMs = smoothed(firstEventMs, first);
            answered();
          }
          if (event.event !== 'done') return;
          over = true;
          measured(now() - began - event.data.timings.total_ms);
          onMeasured();
        },
        failed(severity) {
          over = true;
          if (severity === undefined) return;
          circuit = afterFailure(circuit, severity, now(), random());
          onMeasured();
        },
        left() {
          if (over || first !== undefined) return;
          over = true;
          // Somebody who types gives up every request before its time is over: a region that hangs shows in this alone.
          const usual = Math.max(SHORTEST_SUSPICIOUS_MS, SUSPICIOUS_FACTOR * (firstEventMs ?? 0));
          if (now() - began >= usual) silences += 1;
        },
      };
    },
    wantsLook() {
      if (looking) return false;
      if (circuit.kind === 'open') return isDue(circuit, now());
      return silences >= SUSPICIOUS || measuredAt === undefined || now() - measuredAt >= FRESH_MS;
    },
    look(signal) {
      looking ??= probe(signal).finally(() => (looking = undefined));
      return looking;
    },
  };
}

function smoothed(before: number | undefined, ms: number): number {
  return before === undefined ? ms : before + WEIGHT * (ms - before);
}
