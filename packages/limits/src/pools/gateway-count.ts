import { GATEWAY_GONE_MS } from '../stores/permit-store.ts';

/** How many gateways share the store. `fewer`: since when, in ms, it has said less, and the most it has said since. */
export interface GatewayCount {
  readonly gateways: number;
  readonly fewer: { readonly since: number; readonly most: number } | undefined;
}

/** Until the store has said anything, there is this one. */
export const ONE_GATEWAY: GatewayCount = { gateways: 1, fewer: undefined };

/**
 * After the store has counted `heard` gateways at `now`. More are believed at once, fewer only when it was never more for as
 * long as it remembers a gateway: a store that has lost its data begins to count from one, and each of four gateways that
 * believed it would take the share of the whole limit for its own.
 */
export function afterCount({ gateways, fewer }: GatewayCount, heard: number, now: number): GatewayCount {
  if (heard >= gateways) return { gateways: heard, fewer: undefined };
  const since = fewer?.since ?? now;
  const most = Math.max(1, heard, fewer?.most ?? 0);
  return now - since < GATEWAY_GONE_MS ? { gateways, fewer: { since, most } } : { gateways: most, fewer: undefined };
}
