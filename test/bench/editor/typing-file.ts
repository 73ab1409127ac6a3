/** A long file to type in, and what is typed: code that no two runs have differently. */
import type { CompletionRequest } from '@ghostline/protocol';
import type { Answer } from '../../harness/scripted-server.ts';

const NOUNS = ['order', 'price', 'client', 'parcel', 'invoice', 'route', 'ledger', 'tariff', 'depot', 'quota'];
const VERBS = ['load', 'save', 'merge', 'check', 'count', 'split', 'send', 'rank', 'close', 'find'];

export interface TypingText {
  /** A file of `lines` lines with a place to type in its middle. */
  file(lines: number): { readonly text: string; readonly line: number };
  /** So many keys, line breaks among them. */
  keys(count: number): string;
}

export function typingText(random: () => number): TypingText {
  const one = (of: readonly string[]) => of[Math.floor(random() * of.length)]!;
  const name = () => `${one(VERBS)}${capital(one(NOUNS))}`;
  const statement = (): string => {
    const noun = one(NOUNS);
    const kinds = [
      `const ${noun}${capital(one(NOUNS))} = ${name()}(${noun}, { limit: ${Math.floor(random() * 100)} });`,
      `if (!${noun}.is${capital(one(VERBS))}ed) throw new Error(\`no \${${noun}.id} in ${one(NOUNS)}\`);`,
      `this.${one(NOUNS)}s.set(${noun}.id, await this.${name()}(${noun}));`,
      `return ${noun}s.filter((each) => each.${one(NOUNS)} > ${noun}.${one(NOUNS)}).map(${name()});`,
    ];
    return one(kinds);
  };
  const method = (): string[] => [
    `  /** Does what its name says with a ${one(NOUNS)}. */`,
    `  async ${name()}(${one(NOUNS)}: ${capital(one(NOUNS))}): Promise<void> {`,
    ...Array.from({ length: 3 + Math.floor(random() * 6) }, () => `    ${statement()}`),
    '  }',
    '',
  ];
  const part = (lines: number): string[] => {
    const written: string[] = [];
    while (written.length < lines) written.push(...method());
    return written.slice(0, lines);
  };
  return {
    file(lines) {
      const half = Math.floor(lines / 2) - 4;
      const above = [`import { depot } from './depot.ts';`, '', 'export class Desk {', ...part(half)];
      const middle = ['  }', '', '  async here(): Promise<void> {', '    ', '  }', ''];
      const text = [...above, ...middle, ...part(lines - above.length - middle.length - 1), '}'];
      return { text: `${text.join('\n')}\n`, line: above.length + 3 };
    },
    keys(count) {
      let text = '';
      while (text.length < count) text += `${statement()}\n`;
      return text.slice(0, count);
    },
  };
}

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);

/**
 * A model that knows how two lines in three go on, and says something else in the third: what is typed along with and what
 * is typed against a suggestion make the client do different things.
 */
export function knowsKeys(keys: string, modelMs: number): (request: CompletionRequest) => Answer {
  const lines = keys.split('\n');
  return ({ prefix }) => {
    const typed = prefix.slice(prefix.lastIndexOf('\n') + 1).trimStart();
    const index = lines.findIndex((line) => typed !== '' && line.startsWith(typed));
    const rest =
      index < 0 || index % 3 === 2 ? `${typed.at(-1) ?? 'x'}Depot(${index});` : lines[index]!.slice(typed.length);
    return rest === ''
      ? { kind: 'empty', reason: 'silent', afterMs: modelMs }
      : { kind: 'text', chunks: [rest], afterMs: modelMs };
  };
}
