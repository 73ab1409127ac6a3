import { insideOfJson } from './json-bytes.ts';

/**
 * Part of a prompt's text. Whoever keeps it for the next prompt keeps its bytes with it: of 30 KB of prompt all but 2 are the
 * same from one keystroke to the next, and writing them as JSON anew took a tenth of a request's time.
 */
export class PromptPiece {
  readonly text: string;
  readonly #kept: boolean;
  #json: Buffer | undefined;

  /** `kept`: for longer than this request. */
  constructor(text: string, kept = false) {
    this.text = text;
    this.#kept = kept;
  }

  /** The text as it stands within a JSON string, without the quotes. */
  get json(): Buffer {
    return (this.#json ??= this.#kept ? unpooled(insideOfJson(this.text)) : insideOfJson(this.text));
  }
}

/** A copy in memory of its own: a piece of Node's pool would keep 64 KB for as long as it is kept. */
function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** The text of all `pieces`, in their order. */
export function textOfPieces(pieces: readonly PromptPiece[]): string {
  return pieces.map(({ text }) => text).join('');
}
