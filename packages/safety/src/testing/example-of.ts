import { type AST, RegExpParser } from '@eslint-community/regexpp';
import type { Random } from '@ghostline/seeded';
import type { SecretRule } from '../secret-rule.ts';

const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-./+="';

/** A text that the rule takes for a secret: made from its pattern, as providers make theirs. */
export function exampleOf(rule: SecretRule, random: Random): string {
  const { source, flags } = rule;
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: flags.includes('u') });
  for (let attempt = 0; attempt < 2000; attempt++) {
    const text = ofAlternatives(pattern.alternatives, random);
    if (rule.length === undefined || text.length === rule.length) return text;
  }
  throw new Error(`no example of ${source} has ${rule.length} characters`);
}

function ofAlternatives(alternatives: readonly AST.Alternative[], random: Random): string {
  return alternatives[random(alternatives.length)]!.elements.map((element) => ofElement(element, random)).join('');
}

function ofElement(element: AST.Element, random: Random): string {
  switch (element.type) {
    case 'Character':
      return String.fromCodePoint(element.value);
    case 'CharacterClass':
    case 'CharacterSet': {
      // What the class means, asked of the engine itself.
      const pattern = new RegExp(`^${element.raw}$`);
      const fitting = [...ALPHABET].filter((char) => pattern.test(char));
      return fitting.length === 0 ? ' ' : fitting[random(fitting.length)]!;
    }
    case 'Group':
    case 'CapturingGroup':
      return ofAlternatives(element.alternatives, random);
    case 'Quantifier': {
      const most = Math.min(element.max, element.min + 40);
      const times = element.min + random(most - element.min + 1);
      return Array.from({ length: times }, () => ofElement(element.element, random)).join('');
    }
    default:
      return '';
  }
}
