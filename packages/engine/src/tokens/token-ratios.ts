/**
 * How many tokens a model's tokeniser makes of a text for each that the estimate from its characters says: `typical` for
 * what is told, `safe` for what must fit, reached by one prompt in twenty.
 */
export interface TokenRatio {
  readonly typical: number;
  readonly safe: number;
}

export interface TokenRatios {
  /** For a model and a language; `{ typical: 1, safe: 1 }`, the estimate as it is, until enough is known. */
  of(model: string, language: string): TokenRatio;
  /** A text estimated at `estimated` tokens has `actual`. Texts that are too short to tell are left out. */
  learn(model: string, language: string, estimated: number, actual: number): void;
  /** A text estimated at `estimated` tokens did not fit; `actual` when the endpoint said how many it has. */
  overflowed(model: string, language: string, estimated: number, actual: number | undefined): void;
  /** How many texts have been learned from. */
  learned(): number;
}

/** The words of the template and rounding are a percent or two of this; below it they would be learned as well. */
const MIN_TOKENS = 400;
/** Learned from fewer, the default is better: it stands on all languages. */
const MIN_SAMPLES = 8;
/** The last so many samples decide: an hour of one developer, and a new tokeniser is learned within it. */
const MEMORY = 128;
/** The share of prompts that may turn out longer than `safe` says. */
const EXCEEDED = 0.05;
/** Of the logarithm: what the first samples are taken to spread by; files of a language differ by 5 % at the median (decision 0003). */
const FIRST_SPREAD = 0.065;
/** One to twelve characters a token, around the default of 3.5: beyond it something else than code was counted. */
const BOUNDS = { least: 0.3, most: 3.5 } as const;
/** What was published stays until it is this wrong: each step moves where prompts are cut, and loses the engine's cache. */
const STEP = 1 / 32;
/** When nothing is known but that it was too much. */
const OVERFLOW_GUESS = 1.15;
/** Languages come from clients, models from the configuration; some hundred bytes each. */
const MAX_ENTRIES = 1_000;

interface Learned {
  samples: number;
  /** Mean of the logarithm of actual ÷ estimated, and its mean distance from that. */
  mean: number;
  spread: number;
  /** How far above the mean the safe ratio lies: the quantile, found by steps (Robbins and Monro, 1951). */
  margin: number;
  published: TokenRatio;
}

const UNKNOWN: TokenRatio = { typical: 1, safe: 1 };

/** Learns from what endpoints and tokenisers say, in constant memory and time, and forgets as it goes. */
export function createTokenRatios(): TokenRatios {
  const models = new Map<string, Map<string, Learned>>();
  let entries = 0;
  let learned = 0;

  function entry(model: string, language: string): Learned {
    let languages = models.get(model);
    if (!languages) models.set(model, (languages = new Map()));
    let found = languages.get(language);
    if (!found) {
      if (entries >= MAX_ENTRIES) {
        models.clear();
        models.set(model, (languages = new Map()));
        entries = 0;
      }
      found = { samples: 0, mean: 0, spread: FIRST_SPREAD, margin: 2 * FIRST_SPREAD, published: UNKNOWN };
      languages.set(language, found);
      entries += 1;
    }
    return found;
  }

  function take(into: Learned, log: number): void {
    into.samples += 1;
    const share = Math.max(1 / into.samples, 1 / MEMORY);
    const above = log - into.mean;
    // The quantile first: judged by what was known before this sample.
    if (into.samples > 1) {
      const step = into.spread * Math.max(4 / MEMORY, 1 / into.samples);
      into.margin = Math.max(0, into.margin + step * (above > into.margin ? 1 - EXCEEDED : -EXCEEDED));
      into.spread += Math.max(share, 1 / MEMORY) * (Math.abs(above) - into.spread);
    }
    into.mean += share * above;
    learned += 1;
  }

  function publish(of: Learned, atOnce: boolean): void {
    if (of.samples < MIN_SAMPLES && !atOnce) return;
    const typical = Math.exp(of.mean);
    const safe = Math.exp(of.mean + of.margin);
    const { published } = of;
    const stands = Math.abs(published.safe - safe) < STEP && Math.abs(published.typical - typical) < STEP;
    if (published !== UNKNOWN && stands) return;
    of.published = { typical: bounded(typical), safe: bounded(Math.ceil(safe / STEP) * STEP) };
  }

  return {
    of: (model, language) => models.get(model)?.get(language)?.published ?? UNKNOWN,
    learn(model, language, estimated, actual) {
      if (estimated < MIN_TOKENS || actual <= 0) return;
      const of = entry(model, language);
      take(of, Math.log(bounded(actual / estimated)));
      publish(of, false);
    },
    overflowed(model, language, estimated, actual) {
      if (estimated <= 0) return;
      const of = entry(model, language);
      const ratio = actual === undefined ? of.published.safe * OVERFLOW_GUESS : actual / estimated;
      const log = Math.log(bounded(ratio));
      // Of the first ones the mean would be this single, unusual text.
      if (of.samples >= MIN_SAMPLES) take(of, log);
      of.margin = Math.max(of.margin, log - of.mean);
      publish(of, true);
    },
    learned: () => learned,
  };
}

function bounded(ratio: number): number {
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, ratio));
}
