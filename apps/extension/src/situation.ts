import type { Situation } from '@ghostline/client';
import type { Enablement } from './enablement.ts';

/** What the editor says about the place and the moment of asking. */
export interface Moment {
  readonly enablement: Enablement;
  /** Whether the user wants to be asked by hand only. */
  readonly onDemand: boolean;
  /** For each caret, whether text is selected at it. */
  readonly selections: readonly { readonly isEmpty: boolean }[];
  readonly lastChange: 'undo' | 'redo' | undefined;
  /** The selected entry of IntelliSense and where it begins, in the document's text with LF. */
  readonly selectedEntry: Situation['selectedEntry'] | undefined;
}

/** The same for the client, which decides by it and can say why. */
export function situationOf({ enablement, onDemand, selections, lastChange, selectedEntry }: Moment): Situation {
  const off = enablement.kind === 'off' ? offFor(enablement.why) : undefined;
  const cursors = selections.reduce((sum, { isEmpty }) => sum + (isEmpty ? 1 : 2), 0);
  return {
    ...(off !== undefined && { off }),
    ...(onDemand && { onDemand }),
    ...(cursors > 1 && { cursors }),
    ...(lastChange !== undefined && { lastChange }),
    ...(selectedEntry !== undefined && { selectedEntry }),
  };
}

/** The client knows the excluded files itself. */
function offFor(why: Extract<Enablement, { kind: 'off' }>['why']): Situation['off'] {
  switch (why) {
    case 'paused':
      return 'paused';
    case 'language':
      return 'language-off';
    case 'document':
      return 'document-off';
    case 'ignored':
      return 'file-off';
    case 'excluded':
      return undefined;
  }
}
