/** A place in a document, as VS Code counts. */
export interface Cursor {
  readonly line: number;
  readonly character: number;
}

/**
 * Which suggestion is on screen, as far as an extension can know: it returned one, and nothing has happened since that
 * takes it away.
 */
export interface VisibleView {
  current(): string | undefined;
  /** True when `viewId` is on screen and the cursor has come to rest where it was asked for. */
  isAtRest(viewId: string): boolean;
  show(viewId: string, uri: string, cursor: Cursor): void;
  /** The document changed: the cursor is about to follow, and that is typing, not leaving. */
  edited(uri: string): void;
  /** The view that the cursor has just left. `cursor` is undefined when text is selected or there are several cursors. */
  cursorMoved(uri: string, cursor: Cursor | undefined): string | undefined;
  /** The view that went away with its editor. */
  editorChanged(uri: string | undefined): string | undefined;
  /** Takes the view off the screen and gives it; with `viewId` only when it is that one. */
  end(viewId?: string): string | undefined;
}

/** `onToggle` is called when a first suggestion comes on screen, and when none is left there. */
export function createVisibleView(onToggle: (isVisible: boolean) => void = () => {}): VisibleView {
  type State = { viewId: string; uri: string; cursor: Cursor | 'following-an-edit' };
  let state: State | undefined;
  const end = () => {
    const viewId = state?.viewId;
    state = undefined;
    if (viewId !== undefined) onToggle(false);
    return viewId;
  };
  return {
    current: () => state?.viewId,
    isAtRest: (viewId) => state?.viewId === viewId && state.cursor !== 'following-an-edit',
    show(viewId, uri, { line, character }) {
      const wasVisible = state !== undefined;
      state = { viewId, uri, cursor: { line, character } };
      if (!wasVisible) onToggle(true);
    },
    edited(uri) {
      if (state?.uri === uri) state.cursor = 'following-an-edit';
    },
    cursorMoved(uri, cursor) {
      if (state?.uri !== uri) return undefined;
      if (!cursor) return end();
      if (state.cursor === 'following-an-edit') {
        state.cursor = { line: cursor.line, character: cursor.character };
        return undefined;
      }
      return state.cursor.line === cursor.line && state.cursor.character === cursor.character ? undefined : end();
    },
    editorChanged: (uri) => (state && state.uri !== uri ? end() : undefined),
    end: (viewId) => (viewId === undefined || viewId === state?.viewId ? end() : undefined),
  };
}
