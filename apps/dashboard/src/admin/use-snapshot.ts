import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApiKey } from '../api/api-key.ts';
import { failureOf } from '../api/failure.ts';
import { reports } from '../api/reports.ts';
import { type Snapshot, loadAcceptance, refreshDelay } from './load-acceptance.ts';
import { type RangeName, periodOf } from './range.ts';
import { type View, viewOf } from './view.ts';

/** The figures of a range, kept fresh while the page is visible. `settling`: those of another range are still on screen. */
export function useSnapshot(range: RangeName): { view: View; settling: boolean; reload: () => void } {
  const apiKey = useApiKey();
  const query = useQuery<Snapshot>({
    queryKey: ['acceptance', range, apiKey],
    queryFn: ({ client, queryKey, signal }) =>
      loadAcceptance(reports({ apiKey }), periodOf(range, Date.now()), client.getQueryData<Snapshot>(queryKey), signal),
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: ({ state }) =>
      state.error && failureOf(state.error).needsKey ? false : refreshDelay(state.data?.tookMs ?? 0),
  });
  return {
    view: viewOf(query.data, query.error ? failureOf(query.error) : undefined),
    settling: query.isPlaceholderData,
    reload: () => void query.refetch(),
  };
}
