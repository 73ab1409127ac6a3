import { createCompletionClient } from '@ghostline/client';
import type { ClientSeams, ReplayClient } from '@ghostline/client/replay';

/** This project's client with its default settings. */
export function createOurs(seams: ClientSeams): ReplayClient {
  return createCompletionClient({ ...seams, record: () => undefined, clientInfo: { name: 'replay' } });
}
