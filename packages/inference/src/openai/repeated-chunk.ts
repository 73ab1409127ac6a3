/** Reads the text of a chunk that says the same as the one before, but for its text. */
export interface RepeatedChunk {
  /** The text of `data`, when all else in it is as in the chunk that was noted; undefined when it must be parsed. */
  textOf(data: string): string | undefined;
  /** `data` was parsed, and says nothing but `text`. */
  note(data: string, text: string): void;
}

/**
 * A server sends each token in 200 characters of JSON that are equal from one to the next: comparing them takes a third of
 * parsing them. `name` is that of the member with the text.
 */
export function createRepeatedChunk(name: 'text' | 'content'): RepeatedChunk {
  const member = `"${name}":`;
  let before: string | undefined;
  let after = '';

  return {
    textOf(data) {
      if (before === undefined || !data.startsWith(before) || !data.endsWith(after)) return undefined;
      const literal = data.slice(before.length, data.length - after.length);
      if (literal.length < 2) return undefined;
      try {
        // More than one string is no JSON, and less is none either.
        const text: unknown = JSON.parse(literal);
        return typeof text === 'string' ? text : undefined;
      } catch {
        return undefined;
      }
    },
    note(data, text) {
      before = undefined;
      const at = data.indexOf(member);
      // Of two members with that name it would not be known which one is meant.
      if (at < 0 || data.includes(member, at + 1)) return;
      const literal = JSON.stringify(text);
      const from = data.startsWith(' ', at + member.length) ? at + member.length + 1 : at + member.length;
      if (!data.startsWith(literal, from)) return;
      before = data.slice(0, from);
      after = data.slice(from + literal.length);
    },
  };
}
