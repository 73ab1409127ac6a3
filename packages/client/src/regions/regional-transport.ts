import type { ClientPolicy, CompletionRequest, StreamEvent } from '@ghostline/protocol';
import { type SetTimer, pause, realTimer } from '../timer.ts';
import { type Continuation, continuationOf } from '../transport/continuation.ts';
import { TransportError } from '../transport/error.ts';
import { silent } from '../transport/failures.ts';
import type { HttpTransport } from '../transport/http.ts';
import type { Transport } from '../types.ts';
import { type Choice, type Standing, byPreference, reconsider } from './choice.ts';
import { USEFUL_MS, nextAttempt, severityOf } from './next-attempt.ts';
import { type Region, createRegion } from './region.ts';
import { trustedRegions } from './trusted.ts';

export interface RegionalTransportOptions {
  /** Base URL of the configured server; read for every request, as it is a setting. */
  readonly home: () => string;
  /** Talks to the server at `url`, with the key of the configured one. Called once for each address. */
  readonly transportTo: (url: string) => HttpTransport;
  /** False: to the configured server only, whatever regions it names. Read for every request; true by default. */
  readonly follow?: () => boolean;
  readonly setTimer?: SetTimer;
  /** Milliseconds of a clock that is never set; `performance.now` by default. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Why a region that the server names is not used, each time that changes; whole sentences. */
  readonly onRefused?: (sentence: string) => void;
}

/** Where requests go, for people to see. */
export interface RegionStatus {
  /** Undefined until the server has said it. */
  readonly name: string | undefined;
  readonly url: string;
  /** The server of the settings. */
  readonly isHome: boolean;
  /** One exchange with it, without the time of the model, in ms; undefined before it is measured. */
  readonly networkMs: number | undefined;
  /** It answers, as far as is known. */
  readonly isUp: boolean;
}

export interface RegionalTransport extends Transport {
  /** That of the configured server, which answers for its regions. */
  policy(signal: AbortSignal): Promise<ClientPolicy>;
  /** Where the next completion is asked for. */
  region(): RegionStatus;
  /** All that it could be asked for at, the configured one first. */
  regions(): readonly RegionStatus[];
  /** Hears of another region, of its name, and of a latency that has changed by a quarter. */
  onRegionChange(listener: (region: RegionStatus) => void): () => void;
  /** Stops looking for regions. What is asked for from then on is asked for all the same. */
  dispose(): void;
}

/** How old the server's list may be before it is asked for again, with the next completion. */
const LIST_MS = 15 * 60_000;
/** While it tells of a region that is not at its best. */
const LIST_OF_TROUBLE_MS = 60_000;
/** How long a server may be silent that is asked to go on with text on screen. */
const RESUME_PATIENCE_MS = 2_000;
/** What the status bar would show differently. */
const SHOWN_CHANGE = 0.25;

/**
 * A transport that asks the best region of those the configured server names, goes on at the next one when that does not
 * answer, and continues a stream that broke: one seamless answer for its reader. With one region it is the transport to it,
 * but for broken streams. Telemetry goes to the configured server only, where the organisation's figures are kept.
 */
export function createRegionalTransport(options: RegionalTransportOptions): RegionalTransport {
  const { transportTo, follow = () => true, setTimer = realTimer, random = Math.random } = options;
  const { now = () => performance.now(), onRefused = () => {} } = options;
  const listeners = new Set<(region: RegionStatus) => void>();
  let state = begin(options.home());
  /** The last number on the wire. */
  let sequence = -1;
  let told = status(current());

  function begin(homeUrl: string) {
    const home = regionAt(undefined, homeUrl, true);
    return {
      homeUrl,
      home,
      others: [] as readonly Region[],
      choice: { current: home.key, challenger: undefined } as Choice,
      /** A completion has come from the current one. */
      settled: false,
      list: undefined as
        | { readonly at: number; readonly trouble: boolean; readonly refused: readonly string[] }
        | undefined,
      listing: false,
      /** Ends what looks around. */
      stop: new AbortController(),
    };
  }
  type State = typeof state;

  function regionAt(name: string | undefined, url: string, isHome: boolean): Region {
    return createRegion({ name, url, isHome, transport: transportTo(url), now, setTimer, random, onMeasured: choose });
  }

  /** What is known, anew when the server of the settings is another. */
  function latest(): State {
    const homeUrl = options.home();
    if (homeUrl !== state.homeUrl) {
      state.stop.abort();
      state = begin(homeUrl);
      tell();
    }
    return state;
  }

  function candidates({ home, others }: State): readonly Region[] {
    return follow() ? [home, ...others] : [home];
  }
  function current(): Region {
    const known = candidates(state);
    return known.find(({ key }) => key === state.choice.current) ?? state.home;
  }

  function choose(): void {
    const known = candidates(state);
    if (known.length > 1) {
      const standings = known.map((region) => region.standing());
      state.choice = reconsider(state.choice, standings, now(), state.settled);
    }
    tell();
  }

  function tell(): void {
    const next = status(current());
    if (looksAlike(told, next)) return;
    told = next;
    for (const listener of listeners) listener(next);
  }

  /** In the background, with a completion: nobody waits for it. */
  function lookAround(from: State): void {
    const { list, stop } = from;
    if (stop.signal.aborted) return;
    const listMs = list?.trouble ? LIST_OF_TROUBLE_MS : LIST_MS;
    if (list && !from.listing && now() - list.at >= listMs) {
      from.listing = true;
      learnList(from, stop.signal)
        .catch(() => {
          // Its completions tell that, too. Not again with every keystroke.
          from.list = { ...list, at: now() };
        })
        .finally(() => (from.listing = false));
    }
    if (from.others.length === 0 || !follow()) return;
    for (const region of candidates(from)) if (region.wantsLook()) void region.look(stop.signal);
  }

  async function learnList(from: State, signal: AbortSignal): Promise<void> {
    const listed = await from.home.transport.regions(signal);
    if (from !== state) return;
    const { home, others, refused } = trustedRegions(from.homeUrl, listed);
    from.home.reached();
    if (home) from.home.listed(home.name, home.health);
    from.others = others.map(({ name, url, health }) => {
      const region =
        from.others.find((known) => known.name() === name && known.url === url) ?? regionAt(name, url, false);
      region.listed(name, health);
      return region;
    });
    for (const sentence of refused) if (!from.list?.refused.includes(sentence)) onRefused(sentence);
    from.list = { at: now(), trouble: listed.some(({ health }) => health !== 'ok'), refused };
    choose();
    lookAround(from);
  }

  function numbered(request: CompletionRequest): CompletionRequest {
    if (request.sequence === undefined) return request;
    // Each attempt has its own: the server takes the same number for the same request.
    sequence = Math.max(sequence + 1, request.sequence);
    return { ...request, sequence };
  }

  /** One attempt at one region. Throws `TransportError`, or the signal's reason on abort. */
  async function* attempt(
    region: Region,
    continuation: Continuation,
    patienceMs: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const visit = region.visit();
    const hurry = new AbortController();
    const cancel =
      patienceMs === undefined
        ? () => {}
        : setTimer(() => hurry.abort(silent({ url: region.url, setting: '' }, patienceMs)), patienceMs);
    const either = patienceMs === undefined ? signal : AbortSignal.any([signal, hurry.signal]);
    try {
      for await (const event of region.transport.complete(numbered(continuation.request()), either)) {
        cancel();
        visit.heard(event);
        for (const out of continuation.take(event)) {
          signal.throwIfAborted();
          yield out;
        }
      }
    } catch (error) {
      if (!signal.aborted && error instanceof TransportError) visit.failed(severityOf(error, region.isHome));
      throw error;
    } finally {
      cancel();
      visit.left();
    }
  }

  async function* complete(
    request: CompletionRequest,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    signal.throwIfAborted();
    const from = latest();
    const continuation = continuationOf(request, now);
    const tried = new Set<Region>();
    let region = current();
    let textAt: number | undefined;
    let repeats = 0;
    lookAround(from);
    for (let attempts = 1; ; attempts++) {
      tried.add(region);
      const alternative = () => nextRegion(from, tried);
      try {
        const sinceText = textAt === undefined ? 0 : now() - textAt;
        const patienceMs =
          textAt !== undefined
            ? Math.min(RESUME_PATIENCE_MS, USEFUL_MS - sinceText)
            : alternative() && region.patienceMs();
        for await (const event of attempt(region, continuation, patienceMs, signal)) {
          from.settled = true;
          if (event.event === 'delta') textAt ??= now();
          yield event;
        }
        return;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!(error instanceof TransportError)) throw error;
        const next = nextAttempt({
          error,
          progress: continuation.brokeOff(),
          atHome: region.isHome,
          hasAlternative: alternative() !== undefined,
          repeats,
          attempts,
          sinceTextMs: textAt === undefined ? 0 : now() - textAt,
          random: random(),
        });
        if (next.kind === 'give-up') throw error;
        if (next.kind === 'end') {
          yield continuation.end();
          return;
        }
        if (next.kind === 'again') {
          repeats += 1;
          await pause(next.afterMs, setTimer, signal);
        } else {
          region = alternative() ?? region;
          repeats = 0;
        }
      }
    }
  }

  function nextRegion(from: State, tried: ReadonlySet<Region>): Region | undefined {
    const left = new Map<string, Region>();
    for (const region of candidates(from)) if (!tried.has(region)) left.set(region.key, region);
    const [best] = byPreference([...left.values()].map((region): Standing => region.standing()));
    return best?.usable ? left.get(best.key) : undefined;
  }

  /** What another region says, as home is gone with `error`: completions can go there. The first that answers. */
  async function fromAnother<T>(
    from: State,
    ask: (transport: HttpTransport) => Promise<T>,
    error: unknown,
    signal: AbortSignal,
  ): Promise<T> {
    const away = error instanceof TransportError && error.failure.reason === 'unreachable' && error.failure.retryable;
    const elsewhere = away && !signal.aborted ? candidates(from).filter((region) => region !== from.home) : [];
    if (elsewhere.length === 0) throw error;
    from.home.visit().failed('costly');
    return Promise.any(elsewhere.map(({ transport }) => ask(transport))).catch(() => {
      throw signal.aborted ? signal.reason : error;
    });
  }

  return {
    complete,
    sendTelemetry: (events, signal) => latest().home.transport.sendTelemetry(events, signal),

    policy(signal) {
      const from = latest();
      const of = (transport: HttpTransport) => transport.policy(signal);
      return of(from.home.transport).catch((error: unknown) => fromAnother(from, of, error, signal));
    },

    async check(signal) {
      const from = latest();
      const look = (transport: HttpTransport) => transport.check(signal);
      await learnList(from, signal).catch((error: unknown) => fromAnother(from, look, error, signal));
    },

    region() {
      latest();
      return status(current());
    },
    regions: () => candidates(latest()).map(status),
    onRegionChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      state.stop.abort();
      listeners.clear();
    },
  };
}

function status(region: Region): RegionStatus {
  const { networkMs, usable } = region.standing();
  return { name: region.name(), url: region.url, isHome: region.isHome, networkMs, isUp: usable };
}

function looksAlike(a: RegionStatus, b: RegionStatus): boolean {
  if (a.name !== b.name || a.url !== b.url || a.isUp !== b.isUp) return false;
  if (a.networkMs === undefined || b.networkMs === undefined) return a.networkMs === b.networkMs;
  return Math.abs(a.networkMs - b.networkMs) <= SHOWN_CHANGE * Math.max(a.networkMs, 1);
}
