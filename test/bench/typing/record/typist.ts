/** The speeds of one person, in words of five characters a minute while keys are being hit. */
export interface Hand {
  readonly wordsPerMinute: number;
  /** How often one key too far to the side is hit. */
  readonly typos: number;
}

/** A seeded person at a keyboard: when the next key comes, and what goes wrong. All times in ms. */
export interface Typist {
  /** From the key before to `char`. */
  interval(before: string, char: string): number;
  /** Before a line is begun. */
  lineStart(): number;
  /** Finding the next place, and going there. */
  navigation(): number;
  /** Looking up for help, or deciding. */
  thought(): number;
  /** One of the keys of an impatient stretch: deletions, arrows. */
  repeat(): number;
  chance(probability: number): boolean;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** The key hit instead of `char`, if this is one of those times. */
  slip(char: string): string | undefined;
}

/** Rows of a QWERTY keyboard; neighbours are slipped to, and fingers are by column. */
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const FINGERS: Readonly<Record<string, number>> = Object.fromEntries(
  ['qaz', 'wsx', 'edc', 'rfvtgb', 'yhnujm', 'ik', 'ol', 'p'].flatMap((keys, finger) =>
    [...keys].map((key) => [key, finger] as const),
  ),
);

/** How much longer than the average an interval is, by the two keys: after Dhakal et al., "Observations on Typing from 136 Million Keystrokes" (2018). */
const CLASS = { repeated: 0.85, otherHand: 0.88, sameHand: 1, sameFinger: 1.25, space: 0.95, digit: 1.5, sign: 1.6 };
/** Of the logarithm: intervals within a class differ by a third either way. */
const SPREAD = 0.33;
/** Between words, one in so many is thought about. */
const THOUGHT_BETWEEN_WORDS = 0.05;

export function createTypist({ wordsPerMinute, typos }: Hand, random: () => number): Typist {
  const mean = 60_000 / (5 * wordsPerMinute);
  // Slow typists think while they type, fast ones stop for it.
  const patience = wordsPerMinute < 40 ? 1.3 : 1;
  const around = (median: number, spread: number) => Math.round(median * Math.exp(spread * normal()));

  /** Box and Muller. */
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }
  const chance = (probability: number) => random() < probability;
  const thought = () => around(900 * patience, 0.5);

  return {
    chance,
    thought,
    below: (limit) => Math.floor(random() * limit),
    interval(before, char) {
      const own = around(mean * 0.94 * factor(before, char), SPREAD);
      const startsWord = /\s/.test(before) && /\S/.test(char);
      return startsWord && chance(THOUGHT_BETWEEN_WORDS) ? own + thought() : own;
    },
    lineStart: () => (chance(0.45) ? around(650 * patience, 0.55) : around(1.6 * mean, 0.4)),
    navigation: () => around(2200 * patience, 0.4),
    repeat: () => around(Math.min(mean, 140), 0.2),
    slip(char) {
      if (!/[a-z]/.test(char) || !chance(typos)) return undefined;
      const row = ROWS.find((keys) => keys.includes(char))!;
      const at = row.indexOf(char);
      return row[at + (chance(0.5) ? 1 : -1)] ?? row[at === 0 ? 1 : at - 1];
    },
  };
}

function factor(before: string, char: string): number {
  if (char === before) return CLASS.repeated;
  if (char === ' ') return CLASS.space;
  if (/\d/.test(char)) return CLASS.digit;
  const [one, other] = [FINGERS[before.toLowerCase()], FINGERS[char.toLowerCase()]];
  if (other === undefined) return CLASS.sign;
  const shift = char === char.toLowerCase() ? 0 : 0.35;
  if (one === undefined) return CLASS.sameHand + shift;
  if (one === other) return CLASS.sameFinger + shift;
  return (one < 4 === other < 4 ? CLASS.sameHand : CLASS.otherHand) + shift;
}
