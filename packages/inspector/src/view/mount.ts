import type { Keystroke } from '@ghostline/client';
import type { ExplainOptions } from '../explain/explain.ts';
import { keyOf } from '../fold.ts';
import { FOLLOWING, type Reader, everything, follow, frameOf, read } from '../reading.ts';
import { redact } from '../redact.ts';
import { createDetail } from './detail.ts';
import { element } from './element.ts';
import { createFilters } from './filters.ts';
import { createLanguage } from './language.ts';
import { createList } from './list.ts';
import { createReports, download } from './reports.ts';

export interface InspectorOptions extends ExplainOptions {
  /** Whose keystrokes these are; goes into a report. */
  readonly client: { readonly name: string; readonly version: string };
  /** Of times and numbers, such as `en-GB`; the browser's unless given. */
  readonly locale?: string;
  /** With it, an explanation that names a setting has a button that opens it. */
  readonly openSetting?: (setting: string) => void;
  /** Where a report goes; the clipboard and a download of this page unless given. Rejects when it cannot go there. */
  readonly copy?: (json: string) => void | Promise<void>;
  readonly save?: (fileName: string, json: string) => void | Promise<void>;
  /** In ms since 1970. */
  readonly now?: () => number;
}

export interface Inspector {
  /** All keystrokes there are, newest first, as `CompletionClient.keystrokes()` has them. Drawn with the next frame. */
  show(keystrokes: readonly Keystroke[]): void;
  dispose(): void;
}

/**
 * "Why this suggestion, or why none?" inside `container`, whose height it fills. Needs `inspector.css` beside it and nothing
 * from a content policy but that stylesheet and this script: no inline style, no handler in markup, no data: URL.
 */
export function mountInspector(container: HTMLElement, options: InspectorOptions): Inspector {
  const { client, now = Date.now } = options;
  const language = createLanguage(options);
  const titleOf = (keystroke: Keystroke) => language.explain(keystroke).title;
  let latest: readonly Keystroke[] = [];
  /** Those on screen: what is held is what was seen, not what has come for the next frame. */
  let drawn = latest;
  let reader: Reader = FOLLOWING;
  let frame = frameOf(latest, reader, titleOf);
  let scheduled: number | undefined;

  const filters = createFilters(language, (filter) => turnTo({ ...reader, filter }));
  const list = createList(language, {
    onSelect: (key) => turnTo(read(reader, drawn, key)),
    onScrolled(fromTop) {
      const { mode } = reader;
      if (fromTop && mode.kind === 'following') turnTo(read(reader, drawn, undefined));
      // Back at the top without having chosen anything: nothing is being read any more.
      if (!fromTop && mode.kind === 'reading' && mode.selected === undefined) turnTo(follow(reader));
    },
    onFollow: () => turnTo(follow(reader)),
    onEnter: () => detail.focus(),
  });
  const detail = createDetail(language, {
    onSelect: (key) => turnTo(read(reader, drawn, key)),
    onAttended() {
      if (frame.selected && reader.mode.kind === 'following') {
        turnTo(read(reader, drawn, keyOf(frame.selected.keystroke)));
      }
    },
    onLeave: () => list.focus(),
    openSetting: options.openSetting,
  });
  const reports = createReports(language, {
    report: () => JSON.stringify(redact(everything(latest, reader), { client, at: now() }), undefined, 2),
    fileName: () => `ghostline-keystrokes-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}.json`,
    copy: options.copy ?? ((json) => navigator.clipboard.writeText(json)),
    save: options.save ?? download,
  });
  const main = element('div', { class: 'gl-main' }, filters.node, list.node, detail.node);
  const root = element('div', { class: 'gl-inspector' }, main, reports.node);
  container.append(root);

  function turnTo(next: Reader): void {
    reader = next;
    draw();
  }

  function draw(): void {
    if (scheduled !== undefined) cancelAnimationFrame(scheduled);
    scheduled = undefined;
    drawn = latest;
    frame = frameOf(latest, reader, titleOf);
    const isEmpty = frame.counts.all === 0;
    root.toggleAttribute('data-empty', isEmpty);
    filters.show(frame, reader.filter);
    list.show(frame, isEmpty);
    detail.show(frame);
    reports.show(isEmpty);
  }
  draw();

  return {
    show(keystrokes) {
      latest = keystrokes;
      scheduled ??= requestAnimationFrame(draw);
    },
    dispose() {
      if (scheduled !== undefined) cancelAnimationFrame(scheduled);
      reports.dispose();
      root.remove();
    },
  };
}
