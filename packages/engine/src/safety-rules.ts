import { createExclusions } from '@ghostline/safety';
import { type BlockedPattern, type PatternMatcher, createPatternMatcher } from '@ghostline/safety/patterns';
import { languageOf } from '@ghostline/syntax';

/** What an operator keeps from models, and out of answers. */
export interface SafetyRules {
  /** Patterns as in .gitignore, besides the built-in ones for files that hold secrets. */
  readonly excludedPaths?: readonly string[];
  /** VS Code language ids. */
  readonly excludedLanguages?: readonly string[];
  readonly blockedPatterns?: readonly BlockedPattern[];
}

export interface SafetyPolicy extends SafetyRules {
  /** What is added for the organisation of that name. */
  readonly organisations?: Readonly<Record<string, SafetyRules>>;
}

/** The rules for the requests of one organisation. */
export interface Safeguard {
  readonly isExcluded: (path: string) => boolean;
  readonly excludesLanguage: (language: string) => boolean;
  readonly blocked: PatternMatcher | undefined;
  /** Changes when answers may be other ones. */
  readonly fingerprint: string;
}

/** Raised when answers are filtered otherwise than before: those that were kept from before are not given any more. */
const FILTER_VERSION = 1;

/** The rules of every organisation, each made once. Throws PatternError. */
export function createSafeguards(policy: SafetyPolicy): (org: string) => Safeguard {
  const { organisations = {}, ...everybody } = policy;
  const common = safeguard(everybody);
  const own = new Map(
    Object.entries(organisations).map(([org, more]) => [
      org,
      safeguard({
        excludedPaths: [...(everybody.excludedPaths ?? []), ...(more.excludedPaths ?? [])],
        excludedLanguages: [...(everybody.excludedLanguages ?? []), ...(more.excludedLanguages ?? [])],
        blockedPatterns: [...(everybody.blockedPatterns ?? []), ...(more.blockedPatterns ?? [])],
      }),
    ]),
  );
  return (org) => own.get(org) ?? common;
}

function safeguard({ excludedPaths = [], excludedLanguages = [], blockedPatterns = [] }: SafetyRules): Safeguard {
  const languages = new Set(excludedLanguages);
  // A snippet says its path and not its language.
  const files = excludedLanguages.flatMap((id) =>
    languageOf(id).extensions.map((end) => (end.startsWith('.') ? `*${end}` : end)),
  );
  return {
    isExcluded: createExclusions([...excludedPaths, ...files]),
    excludesLanguage: (language) => languages.has(language),
    blocked: createPatternMatcher(blockedPatterns),
    fingerprint: JSON.stringify([FILTER_VERSION, excludedPaths, excludedLanguages, blockedPatterns]),
  };
}
