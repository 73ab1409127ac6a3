/** The memory for bodies that have not come whole yet. */
export interface BodyRoom {
  /** Whether `owner` may keep `bytes` more of a body; they are kept until they are given back. */
  take(owner: string, bytes: number): boolean;
  giveBack(owner: string, bytes: number): void;
}

/**
 * Bodies come whole within milliseconds; those that do not are held for the 30 s that a slow line is given. So a key has room
 * for five hundred of a usual 30 KB at the same moment, and all together for no more than a gateway can spare.
 */
const OWNER_BYTES = 16 * 1024 * 1024;
const ALL_BYTES = 256 * 1024 * 1024;

export function createBodyRoom({ ownerBytes = OWNER_BYTES, allBytes = ALL_BYTES } = {}): BodyRoom {
  const held = new Map<string, number>();
  let all = 0;
  return {
    take(owner, bytes) {
      const own = (held.get(owner) ?? 0) + bytes;
      if (own > ownerBytes || all + bytes > allBytes) return false;
      held.set(owner, own);
      all += bytes;
      return true;
    },
    giveBack(owner, bytes) {
      const own = (held.get(owner) ?? 0) - bytes;
      if (own > 0) held.set(owner, own);
      else held.delete(owner);
      all -= bytes;
    },
  };
}
