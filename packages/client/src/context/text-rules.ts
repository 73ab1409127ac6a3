import { createExclusions, createPathMatcher, redactSecrets } from '@ghostline/safety';
import { languageOfPath } from '@ghostline/syntax';

/** How much of a document is meant: any part of it, or no more than the signature of a symbol that it declares. */
export type Extract = 'text' | 'signature';

/** What of the user's text may leave the editor. */
export interface TextRules {
  /** By its path, where `uri` is given by the ignore files around it, and by its `language`. */
  readonly isExcluded: (path: string, uri?: string, extract?: Extract, language?: string) => boolean;
  /** As long as before, line breaks included. */
  readonly redact: (text: string) => string;
}

/** Whether ignore files keep a document's text in the editor. */
export type IsIgnored = (uri: string, extract: Extract) => boolean;

/** Builds the rules for lists of globs, and remembers them until a list changes: the setting is read at each keystroke. */
export function createTextRules(isIgnored: IsIgnored = () => false) {
  const byUser = rememberedMatcher(createExclusions);
  const byAdmin = rememberedMatcher(createPathMatcher);
  const languagesOf = rememberedLanguages();
  let last:
    | {
        readonly isUsers: Matcher;
        readonly isAdmins: Matcher;
        readonly byLanguage: ByLanguage;
        readonly rules: TextRules;
      }
    | undefined;

  return {
    /** `admin`: the organisation's, which `exclude` cannot take back. The same object while the lists are the same. */
    with(exclude: readonly string[], admin: AdminRules = NO_RULES): TextRules {
      const [isUsers, isAdmins] = [byUser(exclude), byAdmin(admin.excludedPaths)];
      const byLanguage = languagesOf(admin.excludedLanguages);
      if (last?.isUsers === isUsers && last.isAdmins === isAdmins && last.byLanguage === byLanguage) return last.rules;
      const rules: TextRules = {
        isExcluded: (path, uri, extract = 'text', language) =>
          isUsers(path) ||
          isAdmins(path) ||
          byLanguage(path, language) ||
          (uri !== undefined && isIgnored(uri, extract)),
        redact: (text) => redactSecrets(text).text,
      };
      last = { isUsers, isAdmins, byLanguage, rules };
      return rules;
    },
  };
}

/** What the organisation keeps in the editor. */
export interface AdminRules {
  readonly excludedPaths: readonly string[];
  /** VS Code language ids. */
  readonly excludedLanguages: readonly string[];
}

const NO_RULES: AdminRules = { excludedPaths: [], excludedLanguages: [] };

type Matcher = (path: string) => boolean;
type ByLanguage = (path: string, language: string | undefined) => boolean;

/** By the language that the editor says, and by that of the path: an excerpt says no other. */
function rememberedLanguages(): (languages: readonly string[]) => ByLanguage {
  let known: { readonly languages: string; readonly excludes: ByLanguage } | undefined;
  return (languages) => {
    const wanted = languages.join('\n');
    if (known?.languages !== wanted) {
      const ids = new Set(languages);
      const excludes: ByLanguage = (path, language) =>
        ids.size > 0 && ((language !== undefined && ids.has(language)) || ids.has(languageOfPath(path).id));
      known = { languages: wanted, excludes };
    }
    return known.excludes;
  };
}

function rememberedMatcher(create: (globs: readonly string[]) => Matcher): (globs: readonly string[]) => Matcher {
  let known: { readonly globs: string; readonly matcher: Matcher } | undefined;
  return (globs) => {
    const wanted = globs.join('\n');
    if (known?.globs !== wanted) known = { globs: wanted, matcher: create(globs) };
    return known.matcher;
  };
}
