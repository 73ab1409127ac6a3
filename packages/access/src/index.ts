export { type Access, type AccessOptions, type AccessRules, FAILURES_PER_MINUTE, createAccess } from './access.ts';
export {
  type CreateOutcome,
  type ListedKey,
  type NewKey,
  type RevokeOutcome,
  createKey,
  listKeys,
  revokeKey,
} from './keys/administration.ts';
export { networkOf } from './strangers/failures.ts';
export { KEY_ID, newKeyId } from './keys/api-key.ts';
export { type KeyMirror, createFileKeyStore, createFileMirror } from './keys/file-key-store.ts';
export type { FollowedStore } from './keys/follow.ts';
export { type JournalEntry, type KeyRecord, type KeyState, stateOf } from './keys/journal.ts';
export type { FixedKey } from './keys/key-ring.ts';
export type { JournalNews, KeyStore } from './keys/key-store.ts';
export { type RedisForKeys, createRedisKeyStore } from './keys/redis-key-store.ts';
export type { ClaimNames, ClaimRules } from './oidc/claims.ts';
export type { IssuerOptions } from './oidc/issuer.ts';
export type { IssuerAddress } from './oidc/issuer-keys.ts';
export { type Principal, ROLES, type Role } from './principal.ts';
export type { RefusalReason } from './refusal.ts';
