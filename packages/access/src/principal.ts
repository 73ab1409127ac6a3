export const ROLES = ['developer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** On whose behalf a request is made. `keyId` names the key or the token's subject, never a secret. */
export interface Principal {
  readonly keyId: string;
  readonly org: string;
  readonly team: string;
  readonly user: string;
  readonly roles: readonly Role[];
}

/** Everyone on a loopback server without authentication. */
export const LOCAL_PRINCIPAL: Principal = {
  keyId: 'local',
  org: 'local',
  team: 'local',
  user: 'local',
  roles: ['developer', 'admin'],
};
