import type { SpendingReport, SpendingScope, StopSpending } from '@ghostline/protocol';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useApiKey } from '../../api/api-key.ts';
import { type Failure, failureOf } from '../../api/failure.ts';
import { spending } from '../../api/spending.ts';

/** A stop is seen by whoever has the page open as soon as it counts on every gateway, or nearly. */
const REFRESH_MS = 5_000;

/** What the switch was last told. */
export type Change =
  | { readonly kind: 'stop'; readonly stop: StopSpending }
  | { readonly kind: 'resume'; readonly scope: SpendingScope };

export interface SpendingState {
  /** Undefined until it was read once. */
  readonly report: SpendingReport | undefined;
  /** Why it, or the last change, failed. */
  readonly failure: Failure | undefined;
  /** The last change counts on this gateway only, until the store that gateways share is back. */
  readonly onlyHere: boolean;
  readonly changing: boolean;
  change(change: Change): void;
}

export function useSpending(): SpendingState {
  const apiKey = useApiKey();
  const api = spending({ apiKey });
  const query = useQuery({
    queryKey: ['spending', apiKey],
    queryFn: ({ signal }) => api.report(signal),
    retry: false,
    refetchInterval: ({ state }) => (state.error && failureOf(state.error).needsKey ? false : REFRESH_MS),
  });
  const mutation = useMutation({
    mutationFn: (change: Change) => (change.kind === 'stop' ? api.stop(change.stop) : api.resume(change.scope)),
    onSettled: () => query.refetch(),
  });
  const error = mutation.error ?? query.error;
  return {
    report: query.data,
    failure: error ? failureOf(error) : undefined,
    onlyHere: mutation.data?.everywhere === false,
    changing: mutation.isPending,
    change: (change) => mutation.mutate(change),
  };
}
