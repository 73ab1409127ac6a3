/** What the rules of this package need to know of a language: surface syntax only, no grammar. */
export interface Language {
  /** VS Code language id. */
  readonly id: string;
  readonly lineComment: string | undefined;
  readonly blockComment: readonly [open: string, close: string] | undefined;
  /** Lower case, with the dot; a whole file name where there is no extension. */
  readonly extensions: readonly string[];
  /** True when dedenting alone closes a block. */
  readonly indentation: boolean;
  /** Pairs that must balance in code; empty for prose, where `:)` is no bracket. */
  readonly brackets: readonly string[];
  /** Characters that quote a string within one line. */
  readonly quotes: string;
  /** Characters that quote a string over several lines. */
  readonly multilineQuotes: string;
  /** True when three quotes in a row open a string over several lines. */
  readonly tripleQuotes: boolean;
  /** A line that opens a block without a bracket at its end. */
  readonly blockOpener: RegExp | undefined;
  /** The words that close such a block. */
  readonly blockClosers: readonly string[];
  /** True for JavaScript and its kin: literals of regular expressions, `${…}` in templates, no quote right after a word. */
  readonly ecmascript: boolean;
  /** Elements in angle brackets: all there is, or among code. */
  readonly elements: 'markup' | 'jsx' | undefined;
  /** True when every brace holds rules or declarations, whatever stands before it. */
  readonly bracesAreBodies: boolean;
  /** The tree-sitter grammar of `@vscode/tree-sitter-wasm` that parses it, where there is one. */
  readonly grammar: string | undefined;
}

const ALL_BRACKETS = ['()', '[]', '{}'];
const C_COMMENT = ['/*', '*/'] as const;

/** `case x:` of the languages with braces, where no bracket opens what a branch does. */
const CASE_LABEL = /^\s*(?:case\b.*|default\s*):$/;

const DEFAULTS: Omit<Language, 'id' | 'extensions'> = {
  lineComment: '//',
  blockComment: C_COMMENT,
  indentation: false,
  brackets: ALL_BRACKETS,
  quotes: `"'`,
  multilineQuotes: '',
  tripleQuotes: false,
  blockOpener: CASE_LABEL,
  blockClosers: [],
  ecmascript: false,
  elements: undefined,
  bracesAreBodies: false,
  grammar: undefined,
};

type Entry = Partial<Omit<Language, 'id' | 'extensions'>> & { readonly extensions: readonly string[] };

const HASH: Partial<Language> = { lineComment: '#', blockComment: undefined, blockOpener: undefined };
const MARKUP: Partial<Language> = {
  lineComment: undefined,
  blockComment: ['<!--', '-->'],
  brackets: [],
  quotes: '',
  blockOpener: undefined,
  elements: 'markup',
};
const ECMASCRIPT: Partial<Language> = { multilineQuotes: '`', ecmascript: true };
const JSX: Partial<Language> = { ...ECMASCRIPT, elements: 'jsx' };
/** `'` starts a lifetime, a quote form or a primed name as often as a character: brackets inside it are rarer. */
const NO_SINGLE_QUOTE: Partial<Language> = { quotes: '"' };

const TABLE: Record<string, Entry> = {
  typescript: { ...ECMASCRIPT, extensions: ['.ts', '.mts', '.cts'], grammar: 'typescript' },
  typescriptreact: { ...JSX, extensions: ['.tsx'], grammar: 'tsx' },
  javascript: { ...JSX, extensions: ['.js', '.mjs', '.cjs'], grammar: 'javascript' },
  javascriptreact: { ...JSX, extensions: ['.jsx'], grammar: 'javascript' },
  python: {
    ...HASH,
    extensions: ['.py', '.pyi', '.pyw'],
    indentation: true,
    tripleQuotes: true,
    blockOpener:
      /^\s*(?:(?:async\s+)?(?:def|for|with)|class|if|elif|else|while|try|except|finally|match|case)\b[^]*:$|^\s*[)\]}].*:$/,
    grammar: 'python',
  },
  go: { extensions: ['.go'], multilineQuotes: '`', grammar: 'go' },
  rust: { ...NO_SINGLE_QUOTE, extensions: ['.rs'], grammar: 'rust' },
  java: { extensions: ['.java'], tripleQuotes: true, grammar: 'java' },
  kotlin: { extensions: ['.kt', '.kts'], tripleQuotes: true },
  scala: { ...NO_SINGLE_QUOTE, extensions: ['.scala', '.sc'], tripleQuotes: true },
  groovy: { extensions: ['.groovy', '.gradle'], tripleQuotes: true },
  c: { extensions: ['.c', '.h'], grammar: 'cpp' },
  cpp: { extensions: ['.cpp', '.cc', '.cxx', '.hpp', '.hh', '.hxx', '.cu'], grammar: 'cpp' },
  csharp: { extensions: ['.cs'], tripleQuotes: true, grammar: 'c-sharp' },
  'objective-c': { extensions: ['.m'] },
  'objective-cpp': { extensions: ['.mm'] },
  swift: { ...NO_SINGLE_QUOTE, extensions: ['.swift'], tripleQuotes: true },
  dart: { extensions: ['.dart'], tripleQuotes: true },
  zig: { extensions: ['.zig'], blockComment: undefined },
  php: { extensions: ['.php'], grammar: 'php' },
  ruby: {
    ...HASH,
    extensions: ['.rb', '.rake', 'gemfile', 'rakefile'],
    blockOpener:
      /^\s*(?:def|class|module|if|unless|while|until|for|case|when|begin|else|elsif|rescue|ensure)\b|\bdo(?: ?\|[^|]*\|)?$/,
    blockClosers: ['end'],
    grammar: 'ruby',
  },
  lua: {
    extensions: ['.lua'],
    lineComment: '--',
    blockComment: undefined,
    blockOpener: /\b(?:then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$/,
    blockClosers: ['end', 'until'],
  },
  elixir: {
    ...HASH,
    extensions: ['.ex', '.exs'],
    tripleQuotes: true,
    blockOpener: /\b(?:do|else|rescue|after)$|->$/,
    blockClosers: ['end'],
  },
  julia: {
    ...HASH,
    extensions: ['.jl'],
    quotes: '"',
    tripleQuotes: true,
    blockOpener: /^\s*(?:function|for|while|if|else|elseif|struct|mutable|module|begin|let|try|catch)\b|\bdo\b[^()]*$/,
    blockClosers: ['end'],
  },
  shellscript: {
    ...HASH,
    extensions: ['.sh', '.bash', '.zsh', '.ksh'],
    // `a) …;;` in a case statement closes nothing.
    brackets: ['{}'],
    blockOpener: /\b(?:then|do|else)$|\bcase\b.*\bin$|^\s*[^\s()]+\)$/,
    blockClosers: ['fi', 'done', 'esac'],
    grammar: 'bash',
  },
  powershell: { ...HASH, extensions: ['.ps1', '.psm1', '.psd1'], blockComment: ['<#', '#>'], grammar: 'powershell' },
  perl: { ...HASH, extensions: ['.pl', '.pm'] },
  r: { ...HASH, extensions: ['.r'] },
  haskell: {
    ...NO_SINGLE_QUOTE,
    extensions: ['.hs'],
    lineComment: '--',
    blockComment: ['{-', '-}'],
    indentation: true,
    blockOpener: /\b(?:do|of|where|let)$|=$/,
  },
  clojure: {
    ...NO_SINGLE_QUOTE,
    extensions: ['.clj', '.cljs', '.cljc', '.edn'],
    lineComment: ';',
    blockComment: undefined,
  },
  sql: { extensions: ['.sql'], lineComment: '--' },
  graphql: { ...HASH, bracesAreBodies: true, extensions: ['.graphql', '.gql'], tripleQuotes: true },
  proto3: { bracesAreBodies: true, extensions: ['.proto'] },
  terraform: { ...HASH, extensions: ['.tf', '.hcl'], quotes: '"' },
  css: { extensions: ['.css'], lineComment: undefined, bracesAreBodies: true, grammar: 'css' },
  scss: { extensions: ['.scss'], bracesAreBodies: true },
  less: { extensions: ['.less'], bracesAreBodies: true },
  json: { extensions: ['.json', '.webmanifest'], lineComment: undefined, blockComment: undefined, quotes: '"' },
  jsonc: { extensions: ['.jsonc', '.code-workspace'], quotes: '"' },
  yaml: { ...HASH, extensions: ['.yaml', '.yml'], brackets: [], quotes: '', indentation: true, blockOpener: /[:|>]$/ },
  toml: { ...HASH, extensions: ['.toml'], tripleQuotes: true },
  dockerfile: { ...HASH, extensions: ['.dockerfile', 'dockerfile', 'containerfile'], brackets: [], quotes: '' },
  makefile: {
    ...HASH,
    extensions: ['.mk', 'makefile', 'gnumakefile'],
    brackets: [],
    quotes: '',
    blockOpener: /^[^\s:=]+:(?:[^=].*)?$/,
  },
  html: { ...MARKUP, extensions: ['.html', '.htm'] },
  xml: { ...MARKUP, extensions: ['.xml', '.svg', '.xsd', '.plist', '.csproj'] },
  vue: { ...MARKUP, extensions: ['.vue'] },
  svelte: { ...MARKUP, extensions: ['.svelte'] },
  markdown: { ...MARKUP, elements: undefined, extensions: ['.md', '.markdown', '.mdx'] },
  plaintext: { ...MARKUP, elements: undefined, extensions: ['.txt'], blockComment: undefined },
};

const LANGUAGES = new Map(Object.entries(TABLE).map(([id, entry]) => [id, { ...DEFAULTS, ...entry, id } as const]));
const PLAINTEXT = languageOf('plaintext');
const BY_EXTENSION = new Map(
  [...LANGUAGES.values()].flatMap((language) => language.extensions.map((extension) => [extension, language] as const)),
);

/**
 * The language of a VS Code language id. An unknown id is taken for a language with brackets, C's comments and double
 * quotes: most are, and what is not there to be found does no harm.
 */
export function languageOf(id: string): Language {
  return LANGUAGES.get(id) ?? { ...DEFAULTS, ...NO_SINGLE_QUOTE, id, extensions: [] };
}

/** The language of a file by its name; plain text when nothing is known of it. Slashes may lean either way. */
export function languageOfPath(path: string): Language {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return BY_EXTENSION.get(name) ?? (dot < 0 ? undefined : BY_EXTENSION.get(name.slice(dot))) ?? PLAINTEXT;
}

/** The grammars the table names, each once. */
export function grammarNames(): readonly string[] {
  return [...new Set([...LANGUAGES.values()].flatMap(({ grammar }) => grammar ?? []))];
}
