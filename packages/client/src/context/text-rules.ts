import { createExclusions, createPathMatcher, redactSecrets } from '@ghostline/safety';

/** How much of a document is meant: any part of it, or no more than the signature of a symbol that it declares. */
export type Extract = 'text' | 'signature';

/** What of the user's text may leave the editor. */
export interface TextRules {
  /** By its path, and where `uri` is given by the ignore files around it. */
  readonly isExcluded: (path: string, uri?: string, extract?: Extract) => boolean;
  /** As long as before, line breaks included. */
  readonly redact: (text: string) => string;
}

/** Whether ignore files keep a document's text in the editor. */
export type IsIgnored = (uri: string, extract: Extract) => boolean;

/** Builds the rules for lists of globs, and remembers them until a list changes: the setting is read at each keystroke. */
export function createTextRules(isIgnored: IsIgnored = () => false) {
  const byUser = rememberedMatcher(createExclusions);
  const byAdmin = rememberedMatcher(createPathMatcher);
  let last: { readonly isUsers: Matcher; readonly isAdmins: Matcher; readonly rules: TextRules } | undefined;

  return {
    /** `admin`: the organisation's, which `exclude` cannot take back. The same object while the lists are the same. */
    with(exclude: readonly string[], admin: readonly string[] = []): TextRules {
      const [isUsers, isAdmins] = [byUser(exclude), byAdmin(admin)];
      if (last?.isUsers === isUsers && last.isAdmins === isAdmins) return last.rules;
      const rules: TextRules = {
        isExcluded: (path, uri, extract = 'text') =>
          isUsers(path) || isAdmins(path) || (uri !== undefined && isIgnored(uri, extract)),
        redact: (text) => redactSecrets(text).text,
      };
      last = { isUsers, isAdmins, rules };
      return rules;
    },
  };
}

type Matcher = (path: string) => boolean;

function rememberedMatcher(create: (globs: readonly string[]) => Matcher): (globs: readonly string[]) => Matcher {
  let known: { readonly globs: string; readonly matcher: Matcher } | undefined;
  return (globs) => {
    const wanted = globs.join('\n');
    if (known?.globs !== wanted) known = { globs: wanted, matcher: create(globs) };
    return known.matcher;
  };
}
