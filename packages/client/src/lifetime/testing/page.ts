import type { TelemetryEvent } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { draw } from '../../testing/draw.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import type { Suggestion } from '../../types.ts';
import { type LifetimeOptions, createLifetime } from '../lifetime.ts';

/** A lifetime beside a document that is edited as in an editor, on a clock that stands still. */
export function openPage(drawing: string, options: Partial<LifetimeOptions> = {}) {
  const clock = createManualClock();
  const events: TelemetryEvent[] = [];
  const uri = 'file:///a.ts';
  const drawn = draw(drawing);
  let { text, cursor } = drawn;
  /** Undefined while the document is closed. */
  let isOpen = true;
  const lifetime = createLifetime({
    record: (event) => events.push(event),
    onLeft: () => undefined,
    textOf: (asked) => (asked === uri && isOpen ? text : undefined),
    now: clock.now,
    setTimer: clock.setTimer,
    newId: v7,
    ...options,
  });

  const page = {
    uri,
    clock,
    events,
    lifetime,
    get text() {
      return text;
    },
    get cursor() {
      return cursor;
    },
    set isOpen(open: boolean) {
      isOpen = open;
    },
    moveTo(offset: number): void {
      cursor = offset;
    },
    /** One change of the document. */
    edit(offset: number, deleted: number, inserted: string): void {
      text = text.slice(0, offset) + inserted + text.slice(offset + deleted);
      cursor = offset + inserted.length;
      lifetime.changed({ uri, offset, deleted, inserted });
    },
    /** One event with several edits: the document has all of them before the first is told, as in VS Code. */
    editAtOnce(
      edits: readonly { readonly offset: number; readonly deleted: number; readonly inserted: string }[],
    ): void {
      const fromTheEnd = edits.toSorted((a, b) => b.offset - a.offset);
      for (const { offset, deleted, inserted } of fromTheEnd) {
        text = text.slice(0, offset) + inserted + text.slice(offset + deleted);
      }
      for (const edit of fromTheEnd) lifetime.changed({ uri, ...edit });
    },
    /** Replaces the first place of `from`. */
    replace(from: string, to: string): void {
      const offset = text.indexOf(from);
      if (offset < 0) throw new Error(`the page has no ${JSON.stringify(from)}`);
      page.edit(offset, from.length, to);
    },
    type(keys: string): void {
      for (const key of keys) page.edit(cursor, 0, key);
    },
    /** Shows `suggested` at the cursor, as what of it is typed already. */
    suggest(suggested: string, how: 'measured' | 'inferred' = 'inferred'): Suggestion {
      return page.suggestAgain(suggested, 0, how, `cmp_${v7()}`, v7());
    },
    /** The rest of a suggestion after `typed` characters of it, in the same view. */
    suggestAgain(
      suggested: string,
      typed: number,
      how: 'measured' | 'inferred',
      completionId: string,
      viewId: string,
    ): Suggestion {
      const suggestion: Suggestion = {
        viewId,
        completionId,
        choice: 0,
        text: suggested.slice(typed),
        range: { start: cursor, end: cursor },
        source: 'network',
        model: 'm',
        region: 'r',
        latencyMs: 1,
        complete: true,
      };
      const start = cursor - typed;
      const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
      lifetime.place({
        suggestion,
        uri,
        language: 'typescript',
        trigger: 'automatic',
        extendedBy: undefined,
        region: { start, before, text: suggested, typed, tail: '' },
      });
      lifetime.shown(viewId, how);
      return suggestion;
    },
    /** Tab: the edit, then the command. */
    accept(suggestion: Suggestion): void {
      page.edit(cursor, 0, suggestion.text);
      lifetime.accepted(suggestion.viewId, 'measured');
    },
    /** Suggested and accepted at the cursor. */
    take(suggested: string): void {
      page.accept(page.suggest(suggested));
    },
    /** The events of one type, without its prefix. */
    of<T extends string>(type: T): Extract<TelemetryEvent, { type: `completion-${T}` }>[] {
      return events.filter(
        (event): event is Extract<TelemetryEvent, { type: `completion-${T}` }> => event.type === `completion-${type}`,
      );
    },
    /** `[after_s, edit_ratio]` of what was measured. */
    get ratios() {
      return page.of('retained').map(({ after_s, edit_ratio }) => [after_s, edit_ratio] as const);
    },
  };
  return page;
}
