import { createExclusions } from '@ghostline/safety';
import { type BlockedPattern, type PatternMatcher, createPatternMatcher } from '@ghostline/safety/patterns';
import { languageOf } from '@ghostline/syntax';

/** What an operator keeps from models, and out of answers. */
export interface SafetyRules {
  /** Patterns as in .gitignore, besides the built-in ones for files that hold secrets. */
  readonly excludedPaths?: readonly string[] | undefined;
  /** VS Code language ids. */
  readonly excludedLanguages?: readonly string[] | undefined;
  readonly blockedPatterns?: readonly BlockedPattern[] | undefined;
}

export interface SafetyPolicy extends SafetyRules {
  /** What is added for the organisation of that name. */
  readonly organisations?: Readonly<Record<string, SafetyRules>> | undefined;
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

type WholeRules = { readonly [Rule in keyof SafetyRules]-?: NonNullable<SafetyRules[Rule]> };

/** The rules for one organisation: everybody's, and its own. */
export function rulesFor({ organisations = {}, ...everybody }: SafetyPolicy, org: string): WholeRules {
  const own = Object.hasOwn(organisations, org) ? organisations[org]! : {};
  return {
    excludedPaths: [...(everybody.excludedPaths ?? []), ...(own.excludedPaths ?? [])],
    excludedLanguages: [...(everybody.excludedLanguages ?? []), ...(own.excludedLanguages ?? [])],
    blockedPatterns: [...(everybody.blockedPatterns ?? []), ...(own.blockedPatterns ?? [])],
  };
}

/** The rules of every organisation, each made once. Throws PatternError. */
export function createSafeguards(policy: SafetyPolicy): (org: string) => Safeguard {
  const { organisations = {}, ...everybody } = policy;
  const common = safeguard(rulesFor(everybody, ''));
  const own = new Map(Object.keys(organisations).map((org) => [org, safeguard(rulesFor(policy, org))]));
  return (org) => own.get(org) ?? common;
}

function safeguard({ excludedPaths, excludedLanguages, blockedPatterns }: WholeRules): Safeguard {
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
