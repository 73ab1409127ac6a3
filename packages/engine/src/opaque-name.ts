import { LRUCache } from 'lru-cache';
import { createMac } from './mac.ts';

/** Organisations and sessions come with many requests each. */
const REMEMBERED = 10_000;
/** 128 bits: as unlikely to meet another as to be guessed. */
const CHARS = 22;

/** Names that tell things of one kind apart without saying what they are. No two kinds share a name. */
export function createOpaqueNames(secret: Uint8Array, kind: 'tenant' | 'author'): (what: string) => string {
  const mac = createMac(secret);
  const names = new LRUCache<string, string>({ max: REMEMBERED });
  return (what) => {
    let name = names.get(what);
    if (name === undefined) {
      // A line break first: no prompt's header begins with one.
      name = mac.text(`\n${kind}\n${what}`).slice(0, CHARS);
      names.set(what, name);
    }
    return name;
  };
}
