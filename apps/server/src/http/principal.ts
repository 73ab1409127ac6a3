import type { HttpBindings } from '@hono/node-server';
import type { ApiKey } from '../config.ts';

/** On whose behalf a request is made. `keyId` names the key, never its secret. */
export interface Principal {
  readonly keyId: string;
  readonly org: string;
  readonly team: string;
  readonly user: string;
  readonly roles: readonly ApiKey['roles'][number][];
}

/** Everyone on a loopback server without authentication. */
export const LOCAL_PRINCIPAL: Principal = {
  keyId: 'local',
  org: 'local',
  team: 'local',
  user: 'local',
  roles: ['developer', 'admin'],
};

/** What middleware leaves for the routes. */
export interface AppEnv {
  Variables: { principal: Principal; authMs: number; requestId: string };
  Bindings: Partial<HttpBindings>;
}
