import type { Failure } from '../api/failure.ts';
import type { Snapshot } from './load-acceptance.ts';

/** What the page is, in one word, with what that needs. */
export type View =
  | { readonly kind: 'loading' }
  | { readonly kind: 'locked'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** `failure`: the figures are the last good ones. */
  | { readonly kind: 'empty'; readonly snapshot: Snapshot; readonly failure: Failure | undefined }
  | { readonly kind: 'figures'; readonly snapshot: Snapshot; readonly failure: Failure | undefined };

/** A missing key hides figures that were loaded with another one; any other failure keeps them. */
export function viewOf(snapshot: Snapshot | undefined, failure: Failure | undefined): View {
  if (failure?.needsKey) return { kind: 'locked', failure };
  if (snapshot) return { kind: isEmpty(snapshot) ? 'empty' : 'figures', snapshot, failure };
  return failure ? { kind: 'failed', failure } : { kind: 'loading' };
}

function isEmpty({ total, timeline }: Snapshot): boolean {
  return (total?.shown ?? 0) === 0 && timeline.every((moment) => moment.shown === 0);
}
