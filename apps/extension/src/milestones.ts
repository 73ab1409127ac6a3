/** What a user has come to, for the walkthrough, which ticks its steps off by context keys. */
export type Milestone = 'isConnected' | 'hasSuggested';

export interface Milestones {
  reached(milestone: Milestone): void;
  /** Also in an earlier session. */
  has(milestone: Milestone): boolean;
  /** To a walkthrough that was not there when it was told: a key that is set already is no news to it. */
  tellAgain(): void;
}

export interface MilestonesOptions {
  /** Kept for good. */
  readonly memory: { get(key: string): unknown; update(key: string, value: boolean): Thenable<void> };
  readonly setContext: (key: string, value: boolean) => void;
}

export function createMilestones({ memory, setContext }: MilestonesOptions): Milestones {
  const told = new Set<Milestone>();
  const has = (milestone: Milestone) => memory.get(milestone) === true;
  return {
    has,
    tellAgain() {
      for (const milestone of told) {
        setContext(`ghostline.${milestone}`, false);
        setContext(`ghostline.${milestone}`, true);
      }
    },
    // Called with every suggestion; only the first of a session has anything to do.
    reached(milestone) {
      if (told.has(milestone)) return;
      told.add(milestone);
      setContext(`ghostline.${milestone}`, true);
      if (!has(milestone)) void memory.update(milestone, true);
    },
  };
}
