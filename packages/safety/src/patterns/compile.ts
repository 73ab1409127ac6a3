import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { type Step, inverse, setOf } from './program.ts';

/** What an admin does not want to see in answers. */
export interface BlockedPattern {
  readonly name: string;
  /** A regular expression without backreferences and lookarounds. */
  readonly pattern?: string | undefined;
  /** Or texts, such as names of hosts; thousands cost no more than one. */
  readonly literals?: readonly string[] | undefined;
  readonly ignoreCase?: boolean | undefined;
}

/** Steps that all patterns together may have: each may be live for every character of an answer. */
const MAX_STEPS = 2_000;
/** Steps of lists of texts, of which few are ever live: 1,000 names of 50 characters. */
const MAX_LITERAL_STEPS = 50_000;

/** A pattern that cannot be used. The message is for the operator and says what to do instead. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export interface Program {
  readonly steps: readonly Step[];
  readonly starts: readonly number[];
}

/** The steps of all patterns. Throws PatternError for what no linear matcher can do, and for what matches everything. */
export function compilePatterns(patterns: readonly BlockedPattern[]): Program {
  const steps: Step[] = [];
  const starts: number[] = [];
  for (const blocked of patterns) {
    const before = steps.length;
    if (blocked.pattern !== undefined) starts.push(compileExpression(blocked.pattern, blocked, steps));
    if (blocked.literals) starts.push(compileLiterals(blocked.literals, blocked, steps));
    if (starts.length === 0 || steps.length === before)
      throw new PatternError('has neither a pattern nor literals: give one of them');
  }
  return { steps, starts };
}

function compileExpression(source: string, { name, ignoreCase = false }: BlockedPattern, steps: Step[]): number {
  const pattern = parse(source);
  const accept = steps.push({ op: 'accept', name }) - 1;
  const limit = steps.length + MAX_STEPS;
  const add = (step: Step) => {
    if (steps.length >= limit)
      throw new PatternError(
        `is too large: repetitions such as {100} count as many times as they say, and ${MAX_STEPS} steps are allowed; use * or +`,
      );
    return steps.push(step) - 1;
  };
  const start = compileAlternatives(pattern.alternatives, accept, { add, steps, ignoreCase });
  if (reachesEmpty(steps, start))
    throw new PatternError('matches the empty text, and so every answer; make a part of it required');
  return start;
}

function parse(source: string): AST.Pattern {
  if (/(?<!\\)(?:\\\\)*\\[pPk]/.test(source))
    throw new PatternError('has \\p, \\P or \\k, which are not supported; write the characters out, as in [A-Za-z]');
  try {
    return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: false });
  } catch (error) {
    throw new PatternError(
      `is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`,
    );
  }
}

interface Builder {
  readonly add: (step: Step) => number;
  readonly steps: Step[];
  readonly ignoreCase: boolean;
}

function compileAlternatives(alternatives: readonly AST.Alternative[], next: number, builder: Builder): number {
  const [last, ...others] = alternatives.map(({ elements }) => compileElements(elements, next, builder)).toReversed();
  return others.reduce((other, start) => builder.add({ op: 'split', next: start, other }), last!);
}

function compileElements(elements: readonly AST.Element[], next: number, builder: Builder): number {
  return elements.reduceRight((after, element) => compileElement(element, after, builder), next);
}

function compileElement(element: AST.Element, next: number, builder: Builder): number {
  const { add, ignoreCase } = builder;
  switch (element.type) {
    case 'Character':
      return add({ op: 'take', set: setOf([[element.value, element.value]], ignoreCase), next });
    case 'CharacterSet':
      return add({ op: 'take', set: setOf(rangesOf(element), false), next });
    case 'CharacterClass': {
      const ranges = element.elements.flatMap(rangesOf);
      // With both cases before it is turned round.
      const both = ignoreCase ? setOf(ranges, true) : undefined;
      const wanted = both ? [...asciiOf(both.ascii), ...both.ranges] : ranges;
      return add({ op: 'take', set: setOf(element.negate ? inverse(wanted) : wanted, false), next });
    }
    case 'Group':
      if (element.modifiers) throw new PatternError('has modifiers such as (?i:…); use ignoreCase: true');
      return compileAlternatives(element.alternatives, next, builder);
    case 'CapturingGroup':
      return compileAlternatives(element.alternatives, next, builder);
    case 'Quantifier':
      return compileQuantifier(element, next, builder);
    case 'Assertion':
      if (element.kind === 'start') return add({ op: 'assert', kind: 'line-start', next });
      if (element.kind === 'end') return add({ op: 'assert', kind: 'line-end', next });
      if (element.kind === 'word')
        return add({ op: 'assert', kind: element.negate ? 'no-boundary' : 'boundary', next });
      throw new PatternError(
        `has ${element.raw}, a look at what stands around; leave it out, or name what may stand there`,
      );
    default:
      throw new PatternError(`has ${element.raw}, which no matcher does in linear time; write it without`);
  }
}

function compileQuantifier({ min, max, element }: AST.Quantifier, next: number, builder: Builder): number {
  const { add, steps } = builder;
  let after = next;
  if (max === Infinity) {
    const loop = add({ op: 'split', next: -1, other: next });
    (steps[loop] as Extract<Step, { op: 'split' }>).next = compileElement(element, loop, builder);
    after = loop;
  } else {
    for (let optional = min; optional < max; optional++)
      after = add({ op: 'split', next: compileElement(element, after, builder), other: next });
  }
  for (let required = 0; required < min; required++) after = compileElement(element, after, builder);
  return after;
}

function asciiOf(ascii: Uint8Array): [number, number][] {
  return [...ascii.keys()].filter((unit) => ascii[unit] === 1).map((unit) => [unit, unit]);
}

const DIGIT: [number, number][] = [[0x30, 0x39]];
const WORD: [number, number][] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** ECMA-262, WhiteSpace and LineTerminator. */
const SPACE: [number, number][] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_BREAKS: [number, number][] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

function rangesOf(element: AST.CharacterClassElement | AST.CharacterSet): [number, number][] {
  switch (element.type) {
    case 'Character':
      return [[element.value, element.value]];
    case 'CharacterClassRange':
      return [[element.min.value, element.max.value]];
    case 'CharacterSet': {
      if (element.kind === 'any') return inverse(LINE_BREAKS);
      if (element.kind === 'property') break;
      const ranges = element.kind === 'digit' ? DIGIT : element.kind === 'word' ? WORD : SPACE;
      return element.negate ? inverse(ranges) : ranges;
    }
    default:
  }
  throw new PatternError(`has ${element.raw}, which is not supported; write the characters out, as in [A-Za-z]`);
}

/** A tree of beginnings: at each character of an answer only the branches that it is on are live. */
function compileLiterals(
  literals: readonly string[],
  { name, ignoreCase = false }: BlockedPattern,
  steps: Step[],
): number {
  const accept = steps.push({ op: 'accept', name }) - 1;
  const root: Branch = { ends: false, by: new Map() };
  let size = 0;
  for (const literal of literals) {
    if (literal.length < 3)
      throw new PatternError(`has the text "${literal}"; give at least 3 characters, as less stands everywhere`);
    let branch = root;
    for (const char of (ignoreCase ? literal.toLowerCase() : literal).split('')) {
      const unit = char.charCodeAt(0);
      let next = branch.by.get(unit);
      if (!next) {
        size += 1;
        next = { ends: false, by: new Map() };
        branch.by.set(unit, next);
      }
      branch = next;
    }
    branch.ends = true;
  }
  if (size > MAX_LITERAL_STEPS)
    throw new PatternError(
      `has ${size} characters in its literals; ${MAX_LITERAL_STEPS} are allowed, use a pattern for what they have in common`,
    );
  return compileBranch(root, accept, ignoreCase, steps);
}

interface Branch {
  ends: boolean;
  readonly by: Map<number, Branch>;
}

function compileBranch({ ends, by }: Branch, accept: number, ignoreCase: boolean, steps: Step[]): number {
  // Who has found one text needs no longer one.
  if (ends) return accept;
  const takes = [...by].map(
    ([unit, branch]) =>
      steps.push({
        op: 'take',
        set: setOf([[unit, unit]], ignoreCase),
        next: compileBranch(branch, accept, ignoreCase, steps),
      }) - 1,
  );
  return takes.reduce((other, next) => steps.push({ op: 'split', next, other }) - 1);
}

/** Whether the end can be reached without a character. */
function reachesEmpty(steps: readonly Step[], start: number, seen = new Set<number>()): boolean {
  if (seen.has(start)) return false;
  seen.add(start);
  const step = steps[start]!;
  if (step.op === 'take') return false;
  if (step.op === 'accept') return true;
  return reachesEmpty(steps, step.next, seen) || (step.op === 'split' && reachesEmpty(steps, step.other, seen));
}
