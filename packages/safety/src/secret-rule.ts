/** How one kind of secret is found. Every match begins with one of `anchors`: a text without any of them is clean at once. */
export interface SecretRule {
  /** Who issued it, for counts. */
  readonly family: string;
  readonly anchors: readonly string[];
  /** Tried where an anchor stands, within a line. Bounded, so that no text makes it slow. */
  readonly source: string;
  readonly flags: string;
  /** The part of the match that is secret; all of it when absent. */
  readonly group?: number;
  /** The one length that a match can have. */
  readonly length?: number;
  /** Names have the same form, so the secret must look random, too. */
  readonly random?: true;
}

/** Where a secret stands, and the family of the rule that found it. */
export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  readonly family: string;
}
