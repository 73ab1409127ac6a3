import type { SetTimer } from '@ghostline/client';

/** Lines `[start, end)` of a document. */
export interface View<Document> {
  readonly document: Document;
  readonly start: number;
  readonly end: number;
}

export interface ViewHistoryOptions {
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

export interface ViewHistory<Pane, Document> {
  /** What a pane shows from now on; undefined when it is gone. */
  shows(pane: Pane, view: View<Document> | undefined): void;
  /** What was looked at within five minutes in other documents than this one, most recent first, five at most. */
  viewedBesides(document: Document): readonly View<Document>[];
  /** A document whose views are void. */
  forget(document: Document): void;
  dispose(): void;
}

/** Less is scrolling past. */
const DWELL_MS = 1000;
/** Tabby's. */
const RECENT_MS = 5 * 60_000;
const MAX_GIVEN = 5;
const MAX_REMEMBERED = 20;
/** Continue's 20 above and below: the middle of a screen is what is read. */
const MAX_LINES = 40;

/** Remembers which parts of documents stayed on screen for a second or longer. */
export function createViewHistory<Pane, Document>({ now, setTimer }: ViewHistoryOptions): ViewHistory<Pane, Document> {
  const panes = new Map<Pane, { readonly view: View<Document>; readonly stop: () => void; dwelt: boolean }>();
  /** Last seen first. */
  let seen: { readonly view: View<Document>; readonly at: number }[] = [];

  function note(view: View<Document>): void {
    const others = seen.filter(({ view: other }) => !isOver(other, view));
    seen = [{ view, at: now() }, ...others].slice(0, MAX_REMEMBERED);
  }

  function leave(pane: Pane): void {
    const current = panes.get(pane);
    if (!current) return;
    current.stop();
    // It was looked at until now.
    if (current.dwelt) note(current.view);
    panes.delete(pane);
  }

  return {
    shows(pane, view) {
      const current = panes.get(pane);
      const middle = view && middleOf(view);
      if (current && middle && isSame(current.view, middle)) return;
      leave(pane);
      if (!middle || middle.end <= middle.start) return;
      const stop = setTimer(() => {
        entry.dwelt = true;
        note(middle);
      }, DWELL_MS);
      const entry = { view: middle, stop, dwelt: false };
      panes.set(pane, entry);
    },
    viewedBesides(document) {
      for (const { view, dwelt } of panes.values()) if (dwelt) note(view);
      const since = now() - RECENT_MS;
      return seen
        .filter(({ view, at }) => view.document !== document && at >= since)
        .slice(0, MAX_GIVEN)
        .map(({ view }) => view);
    },
    forget(document) {
      seen = seen.filter(({ view }) => view.document !== document);
    },
    dispose() {
      for (const { stop } of panes.values()) stop();
      panes.clear();
    },
  };
}

function middleOf<Document>(view: View<Document>): View<Document> {
  const spare = view.end - view.start - MAX_LINES;
  if (spare <= 0) return view;
  const start = view.start + Math.floor(spare / 2);
  return { ...view, start, end: start + MAX_LINES };
}

function isSame<Document>(a: View<Document>, b: View<Document>): boolean {
  return a.document === b.document && a.start === b.start && a.end === b.end;
}

function isOver<Document>(a: View<Document>, b: View<Document>): boolean {
  return a.document === b.document && a.start < b.end && b.start < a.end;
}
