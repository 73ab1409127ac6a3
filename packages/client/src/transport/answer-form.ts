/** How an answer is asked for: as it is made, or whole. */
export type AnswerForm = 'stream' | 'document';

/** What a path to a server does to streams. Times in ms. */
export type PathState =
  | { readonly form: 'stream'; readonly bursts: number; readonly nextForMs: number }
  | { readonly form: 'document'; readonly until: number; readonly nextForMs: number };

/** Once may be a hiccup of the network or a long garbage collection, twice both; three in a row is how the path is. */
const BURSTS = 3;
/** A stream made faster than that tells nothing: network jitter alone brings it in one piece. */
const LONG_STREAM_MS = 150;
/** In a fifth of the time in which it was made, text did not come as it was made. */
const BURST_SHARE = 0.2;
/** As long as a change of network (office, home, VPN) may last; doubled up to two hours while nothing has changed. */
const FIRST_DOCUMENTS_MS = 10 * 60_000;
const LONGEST_DOCUMENTS_MS = 120 * 60_000;

export const UNKNOWN_PATH: PathState = { form: 'stream', bursts: 0, nextForMs: FIRST_DOCUMENTS_MS };

/** As things are at `now`: after a while of documents, streams get another chance, with a single burst to end it. */
export function pathAt(state: PathState, now: number): PathState {
  if (state.form === 'stream' || now < state.until) return state;
  return { form: 'stream', bursts: BURSTS - 1, nextForMs: state.nextForMs };
}

/**
 * After a stream that the server made in `madeInMs` from its first token on, and that came in `cameInMs` from its first
 * event on. A proxy or a virus scanner that holds it back shows it all at once.
 */
export function afterStream(
  state: PathState,
  { madeInMs, cameInMs }: { readonly madeInMs: number; readonly cameInMs: number },
  now: number,
): PathState {
  if (state.form === 'document' || madeInMs < LONG_STREAM_MS) return state;
  if (cameInMs >= madeInMs * BURST_SHARE) return UNKNOWN_PATH;
  const bursts = state.bursts + 1;
  return bursts < BURSTS ? { ...state, bursts } : documentsFor(state.nextForMs, now);
}

/** After an answer to a request for a stream that was none. */
export function afterNoStream(state: PathState, now: number): PathState {
  return documentsFor(state.nextForMs, now);
}

function documentsFor(ms: number, now: number): PathState {
  return { form: 'document', until: now + ms, nextForMs: Math.min(LONGEST_DOCUMENTS_MS, ms * 2) };
}
