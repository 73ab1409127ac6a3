/** What a suggestion looks like before anybody has decided about it. */
export interface Prospect {
  readonly language: string;
  readonly chars: number;
  readonly lines: number;
}

/**
 * Before anything is known: 0.3 of what is shown is accepted, as the field reports (GitHub, 2022: 27 % to 35 %); a new
 * user is believed to be like that as firmly as after twenty suggestions.
 */
const PRIOR_RATE = 0.3;
const PRIOR_COUNT = 20;
/** A kind of suggestion is believed to be like all others as firmly as after ten of its own. */
const KIND_COUNT = 10;
/** Half of what is known is younger than seventy decisions: people and projects change within a day, not a minute. */
const KEPT = 0.99;

/** How likely suggestions are to be accepted, learned from what became of those before. */
export interface AcceptanceOdds {
  decided(prospect: Prospect, accepted: boolean): void;
  /** A probability. */
  of(prospect: Prospect): number;
}

interface Tally {
  accepted: number;
  all: number;
}

/**
 * Odds multiplied: those of the user, times how much better or worse this language and this length do than the rest
 * (naive Bayes). Counts fade, and little data says little.
 */
export function createAcceptanceOdds(): AcceptanceOdds {
  const all: Tally = { accepted: 0, all: 0 };
  const kinds = new Map<string, Tally>();

  function tally(kind: string): Tally {
    let found = kinds.get(kind);
    if (!found) kinds.set(kind, (found = { accepted: 0, all: 0 }));
    return found;
  }

  return {
    decided(prospect, accepted) {
      for (const counted of [all, ...kindsOf(prospect).map(tally)]) {
        counted.accepted = counted.accepted * KEPT + (accepted ? 1 : 0);
        counted.all = counted.all * KEPT + 1;
      }
    },
    of(prospect) {
      const rate = (all.accepted + PRIOR_RATE * PRIOR_COUNT) / (all.all + PRIOR_COUNT);
      let odds = rate / (1 - rate);
      for (const kind of kindsOf(prospect)) {
        const own = kinds.get(kind);
        if (!own) continue;
        const ownRate = (own.accepted + rate * KIND_COUNT) / (own.all + KIND_COUNT);
        odds *= ownRate / (1 - ownRate) / (rate / (1 - rate));
      }
      return odds / (1 + odds);
    },
  };
}

function kindsOf({ language, chars, lines }: Prospect): string[] {
  const length = lines > 1 ? 'lines' : chars <= 10 ? 'short' : chars <= 40 ? 'middle' : 'long';
  return [`language ${language}`, `length ${length}`];
}
