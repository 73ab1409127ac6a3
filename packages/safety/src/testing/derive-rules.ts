import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import manifest from '@secretlint/secretlint-rule-preset-recommend/package.json' with { type: 'json' };
import type { SecretRule } from '../secret-rule.ts';

/** Rules that are ours to keep, with the reason. Every other one of the preset is taken, new ones as they come. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  privatekey: 'private-keys.ts also finds keys of which a window has only a part',
  gcp: 'looks at whole files only; the key in such a file is a private key',
  basicauth: 'own-rules.ts has one for every scheme',
  'database-connection-string': 'own-rules.ts has one for every scheme',
  'filter-comments': 'finds comments, no secrets',
};

/** Rules that name the variable before the secret: of these the first group is overwritten, if it does not come first. */
const NAMES_ITS_SECRET = new Set(['aws']);
/** A rule's own check after its pattern. */
const EXACT_LENGTH: Readonly<Record<string, number>> = { sendgrid: 69 };
/** Beginnings longer than this say no more; more of them than this are no good as a filter. */
const MAX_ANCHOR = 24;
const MAX_ANCHORS = 16;
const MIN_ANCHOR = 3;
/** Where a pattern repeats without end. No token of these providers has so many parts. */
const MAX_REPEATS = 64;

type DerivedRule = Omit<SecretRule, 'random'>;

/** The text of `rules.generated.ts` for the version of the preset that is installed. */
export function deriveRules(): string {
  const derived = rules.flatMap((rule) => {
    const family = rule.meta.id.replace('@secretlint/secretlint-rule-', '');
    return family in LEFT_OUT ? [] : patternsOf(rule).flatMap((pattern) => derive(family, pattern));
  });
  return [
    `// Derived from ${manifest.name} ${manifest.version} (${manifest.license}, ${manifest.homepage}).`,
    '// Do not edit: npx vitest run --project unit packages/safety/src/rules.generated.test.ts -u writes it anew.',
    "import type { SecretRule } from './secret-rule.ts';",
    '',
    'export const generatedRules: readonly SecretRule[] = [',
    ...derived.map((rule) => `  ${JSON.stringify(rule)},`),
    '];',
    '',
  ].join('\n');
}

type Rule = (typeof rules)[number];

/** The patterns that a rule looks for in a file, as it says them to a text that only listens. */
function patternsOf(rule: Rule): RegExp[] {
  const patterns: RegExp[] = [];
  const content = {
    matchAll(pattern: RegExp) {
      patterns.push(pattern);
      return [];
    },
  };
  const context = { createTranslator: () => () => ({}), report() {} };
  const scanner = rule.create(context as never, { enableIDScanRule: true } as never) as {
    file?: (source: unknown) => unknown;
  };
  void scanner.file?.({ content, filePath: 'a.txt', contentType: 'text' });
  if (patterns.length === 0)
    throw new Error(`${rule.meta.id} looks for no pattern: leave it out, or find out how it works`);
  return patterns;
}

function derive(family: string, { source, flags }: RegExp): DerivedRule[] {
  // An account's number is no secret, and a token in a URL is the business of the rule for URLs.
  if (/ACCOUNT|x-oauth-basic/.test(source)) return [];
  const bounded = boundedSource(source, flags);
  const anchors = anchorsOf(parse(bounded, flags));
  if (anchors.length === 0) throw new Error(`${family}: no beginning to look for in ${source}`);
  const group = NAMES_ITS_SECRET.has(family) && secretFollowsName(bounded, flags) ? 1 : undefined;
  const length = EXACT_LENGTH[family];
  return [
    {
      family,
      anchors,
      // In a literal the letter of an escape stands right before it: "…\nghp_…".
      source: bounded.replace(/^(?:\(\?<!\\p\{L\}\)|\\b)/, (boundary) => `(?:${boundary}|(?<=\\\\[nrt]))`),
      flags: flags.replace(/[gm]/g, ''),
      ...(group !== undefined && { group }),
      ...(length !== undefined && { length }),
    },
  ];
}

function parse(source: string, flags: string): AST.Pattern {
  return new RegExpParser().parsePattern(source, 0, source.length, { unicode: flags.includes('u') });
}

/** Without optional parts before the first letter that must be there, without endless repetition, and within a line. */
function boundedSource(source: string, flags: string): string {
  const edits: { start: number; end: number; text: string }[] = [];
  const [alternative, ...others] = parse(source, flags).alternatives;
  for (const element of others.length > 0 ? [] : alternative!.elements) {
    if (element.type !== 'Quantifier' || element.min > 0) break;
    edits.push({ start: element.start, end: element.end, text: '' });
  }
  visitQuantifiers(source, flags, (quantifier) => {
    if (
      quantifier.max !== Infinity ||
      edits.some(({ start, end }) => start <= quantifier.start && quantifier.end <= end)
    )
      return;
    const { element } = quantifier;
    const rest =
      element.raw === '\\s'
        ? `[ \\t]{${quantifier.min},8}`
        : element.raw === '.'
          ? undefined
          : `${element.raw}{${quantifier.min},${MAX_REPEATS}}`;
    if (rest !== undefined) edits.push({ start: quantifier.start, end: quantifier.end, text: rest });
  });
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), source);
}

function visitQuantifiers(source: string, flags: string, visit: (quantifier: AST.Quantifier) => void): void {
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    if (node.type === 'Quantifier') visit(node as AST.Quantifier);
    for (const [key, value] of Object.entries(node)) if (key !== 'parent' && typeof value === 'object') walk(value);
  };
  walk(parse(source, flags));
}

function secretFollowsName(source: string, flags: string): boolean {
  const [first, ...rest] = parse(source, flags).alternatives[0]!.elements.filter(({ type }) => type !== 'Assertion');
  return first?.type !== 'CapturingGroup' && rest.some(({ type }) => type === 'CapturingGroup');
}

/** The texts with one of which every match begins, as long as they can be said. */
function anchorsOf(pattern: AST.Pattern): string[] {
  const { texts } = beginnings(pattern.alternatives);
  const anchors = [...new Set(texts.map((text) => text.slice(0, MAX_ANCHOR)))];
  return anchors.every((text) => text.length >= MIN_ANCHOR) ? anchors : [];
}

interface Beginnings {
  readonly texts: readonly string[];
  /** Whether what follows may be added to them. */
  readonly open: boolean;
}

function beginnings(alternatives: readonly AST.Alternative[]): Beginnings {
  const all = alternatives.map(({ elements }) => ofElements(elements));
  return { texts: [...new Set(all.flatMap(({ texts }) => texts))], open: all.every(({ open }) => open) };
}

function ofElements(elements: readonly AST.Element[]): Beginnings {
  let texts: readonly string[] = [''];
  for (const element of elements) {
    const next = ofElement(element);
    const joined = texts.flatMap((text) => next.texts.map((more) => text + more));
    if (joined.length > MAX_ANCHORS) return { texts, open: false };
    texts = joined;
    if (!next.open) return { texts, open: false };
  }
  return { texts, open: true };
}

function ofElement(element: AST.Element): Beginnings {
  switch (element.type) {
    case 'Assertion':
      return { texts: [''], open: true };
    case 'Character':
      return { texts: [String.fromCodePoint(element.value)], open: true };
    case 'Group':
    case 'CapturingGroup':
      return beginnings(element.alternatives);
    case 'Quantifier': {
      // Optional: with it, or with what follows.
      if (element.min === 0 && element.max === 1) {
        const once = ofElement(element.element);
        return { texts: ['', ...once.texts], open: once.open };
      }
      return { texts: [''], open: false };
    }
    default:
      return { texts: [''], open: false };
  }
}
