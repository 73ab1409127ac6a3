export { AddressRefusedError, type AddressRules, addressRefusal, guardedLookup } from './address-guard.ts';
export { guardedAgent } from './guarded-agent.ts';
export { createGuardedFetch } from './guarded-fetch.ts';
