import type { Snippet } from '@ghostline/protocol';
import type { CompletionQuery } from '../types.ts';
import type { Part } from './part.ts';
import type { Scene } from './scene.ts';

/** One reason why a part of a document may help. Its order is its own; how the sources' orders are joined is not its matter. */
export interface Source {
  /** What is said of it when it is late. */
  readonly name: Snippet['source'];
  /** How much its order counts beside those of others. */
  readonly weight: number;
  /** Best first, from memory: never waits. */
  recall(scene: Scene, query: CompletionQuery): readonly Part[];
  /** Asks whoever knows more, for `recall` to find; absent where all is in memory, undefined when there is nobody to ask. */
  ask?(query: CompletionQuery, scene: Scene, signal: AbortSignal): Promise<void> | undefined;
}
