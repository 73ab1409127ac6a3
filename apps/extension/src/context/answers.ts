/** Answers of something slow that changes seldom. */
export interface Answers<T> {
  /**
   * The answer, at once when there is one, else when it comes; undefined when too many are awaited, and when it fails.
   * `version`: whatever it may depend on; an answer to another one is given too, and asked for again behind it.
   */
  get(key: string, version: unknown, ask: () => Promise<T>): T | undefined | Promise<T | undefined>;
  clear(): void;
}

export interface AnswersOptions {
  readonly now: () => number;
  readonly limit: number;
  /** How long an answer to the same version is not asked for again. */
  readonly freshMs: number;
  /** How many questions may be open at a time: a slow server must not be given ever more. */
  readonly atOnce: number;
}

interface Known<T> {
  readonly answer: T | undefined;
  readonly version: unknown;
  readonly at: number;
}

/** An answer to another version is as good as ever for so long: a key that is typed moves no definition. */
const STALE_MS = 2000;

export function createAnswers<T>({ now, limit, freshMs, atOnce }: AnswersOptions): Answers<T> {
  const known = new Map<string, Known<T>>();
  const asked = new Map<string, Promise<T | undefined>>();
  let edition = 0;

  function begin(key: string, version: unknown, ask: () => Promise<T>): Promise<T | undefined> | undefined {
    const underWay = asked.get(key);
    if (underWay) return underWay;
    if (asked.size >= atOnce) return undefined;
    const asOf = edition;
    const answer = answerOf(ask).then((answer) => {
      if (asked.get(key) === answered) asked.delete(key);
      if (asOf !== edition) return answer;
      // What fails is not asked again at the next key either.
      known.delete(key);
      known.set(key, { answer, version, at: now() });
      const [oldest] = known.keys();
      if (known.size > limit && oldest !== undefined) known.delete(oldest);
      return answer;
    });
    const answered = answer;
    asked.set(key, answered);
    return answered;
  }

  return {
    get(key, version, ask) {
      const found = known.get(key);
      if (!found) return begin(key, version, ask);
      // Used last, kept longest.
      known.delete(key);
      known.set(key, found);
      const age = now() - found.at;
      if (age >= (found.version === version ? freshMs : STALE_MS)) void begin(key, version, ask);
      return found.answer;
    },
    clear() {
      edition += 1;
      known.clear();
      asked.clear();
    },
  };
}

/** Undefined for an answer that fails, also at once. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
