import { fixed } from './random.ts';
import { type Repository, type Target, boilerplate, boilerplateCount, callOf } from './repository.ts';

/**
 * How often a model is right about a line that is being typed: at once, or after its first, second, … guess was contradicted by
 * what was typed. A third of shown suggestions is accepted in the field, and more of them the more is typed.
 */
const RIGHT_AT = [0.45, 0.55, 0.65, 0.75];
/** What a prompt does not show moves the model's mind now and then: after so many lines were merged into the file. */
const MERGES_PER_MIND = 40;

/** What the model needs to know of a place; the prompt names it. */
export interface Situation {
  readonly repository: Repository;
  readonly file: number;
  readonly above: string;
  readonly target: Target;
  readonly own: string;
  /** The version of the function's signature that the prompt shows; undefined when it shows none. */
  readonly shown: number | undefined;
}

/** What the model understands of prompts, by what it can see of them: the path and the text above the line. */
export interface Situations {
  add(path: string, above: string, situation: Situation): void;
  /** What somebody there wanted that goes on from what is typed of the line, the first who did; undefined when nobody has. */
  at(path: string, prefix: string): Situation | undefined;
}

export function createSituations(): Situations {
  const places = new Map<string, Situation[]>();
  return {
    add(path, above, situation) {
      const key = `${path}\n${above}`;
      const there = places.get(key) ?? [];
      places.set(key, there);
      if (!there.some(({ target }) => target.text === situation.target.text)) there.push(situation);
    },
    at(path, prefix) {
      const line = prefix.lastIndexOf('\n') + 1;
      const partial = prefix.slice(line);
      return places
        .get(`${path}\n${prefix.slice(0, line)}`)
        ?.find(({ target }) => target.text.startsWith(partial) && target.text !== partial);
    },
  };
}

/**
 * What the model says after `partial` of a line is typed, by the state of the repository now: calls look as their functions do
 * at present, unless the prompt shows them. The same answer goes on when its beginning is typed.
 */
export function say(situation: Situation | undefined, partial: string): string {
  if (!situation) return '';
  const { repository, file, above, target, own, shown } = situation;
  const { name, versions, merges } = repository;
  const { symbol } = target;
  const right = symbol === undefined ? target.text : callOf(name, symbol, shown ?? versions[symbol]!, own);
  const mind = Math.floor(merges[file]! / MERGES_PER_MIND);
  for (const [attempt, probability] of RIGHT_AT.entries()) {
    const draw = fixed(`${name} ${above} ${target.text} ${attempt} ${attempt === 0 ? mind : ''}`);
    const guess =
      draw < probability ? right : boilerplate(name, Math.floor(fixed(`${draw} ${above}`) * boilerplateCount()));
    if (guess.startsWith(partial) && guess.length > partial.length) return guess.slice(partial.length);
  }
  return '';
}
