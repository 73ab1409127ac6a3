import { type Snippet } from '@ghostline/protocol';
import { countPlaceholders } from '@ghostline/safety';
import { once } from '../once.ts';
import type { Anchor } from '../policy/anchor.ts';
import { lastLine } from '../text/lines.ts';
import type { SetTimer } from '../timer.ts';
import type { ContextTrace } from '../trace/keystroke.ts';
import type { CompletionQuery, OpenDocument } from '../types.ts';
import { createDocumentIndex } from './document-index.ts';
import { createEditHistory } from './edit-history.ts';
import { type Ranking, fuse } from './fuse.ts';
import { inTime } from './in-time.ts';
import { isSendablePath } from './part.ts';
import { safeSlice } from './safe-window.ts';
import { type Scene, wordSet, wordsAround } from './scene.ts';
import { type Chosen, type Place, createSelection } from './selection.ts';
import { type SentSuffix, createSentSuffixes } from './sent-suffix.ts';
import type { Source } from './source.ts';
import { createDefinitionParts } from './sources/definitions.ts';
import { createImportHead, createImportedParts } from './sources/imports.ts';
import { createRecentEdits } from './sources/recent-edits.ts';
import { createSimilarParts } from './sources/similar.ts';
import { createViewedParts } from './sources/viewed.ts';
import type { TextRules } from './text-rules.ts';

/** The texts a model is shown. */
export interface ContextTexts {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly Snippet[];
}

/** What a model is shown, as it stands in the editor: without excluded files, but with the secrets of the others. */
export interface CompletionContext extends ContextTexts {
  /** The same as it may leave the machine: every secret overwritten, none cut so that it is not recognised. */
  readonly safe: ContextTexts;
  readonly trace: ContextTrace;
}

/** What of a document's context is there at once, and all of it. */
export interface Gathering {
  /** From sources in memory, with the window as it is; for the local model. */
  readonly immediate: CompletionContext;
  /**
   * From every source that answers within 150 ms, in the order of the last request as far as that holds. Rejects with the
   * signal's reason on abort.
   */
  complete(signal: AbortSignal): Promise<CompletionContext>;
}

export interface GathererOptions {
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

/** Copilot's and Cody's figure: what comes later makes the suggestion late, and is there at the next keystroke. */
const DEADLINE_MS = 150;
/** Copilot's bounds: 20 files and 200,000 characters keep the first pass, before anything is remembered, at some 10 ms. */
const MAX_FILES = 20;
const MAX_UNITS = 200_000;

/** What the file imports says what the rest is about: it goes last when a server is short of room, as a first place. */
const HEAD_SCORE = 1;

/** Gathers what goes with a request; remembers between requests what did not change. */
export function createGatherer({ now, setTimer }: GathererOptions) {
  const index = createDocumentIndex();
  const history = createEditHistory();
  const similar = createSimilarParts();
  const sources: readonly Source[] = [
    createDefinitionParts(),
    createImportedParts(similar),
    createRecentEdits(history),
    similar,
    createViewedParts(),
  ];
  const importHead = createImportHead();
  const selection = createSelection();
  const suffixes = createSentSuffixes();

  function gather(query: CompletionQuery, anchor: Anchor, rules: TextRules): Gathering {
    const { document } = query;
    const excluded = new Set<string>();
    const dropped = new Set<Source['name']>();
    const scene = once(() => look(query, anchor, rules, excluded, dropped));
    const place: Place = {
      uri: document.uri,
      lineStart: document.cursor - lastLine(anchor.prefix).length,
      prefix: anchor.prefix,
      suffix: anchor.suffix,
      afresh: query.trigger === 'manual',
    };
    const exact = once(() => windowOf(query, anchor, rules));

    /** An editor's callback may fail at once, too. */
    function asking({ name }: Source, ask: () => Promise<void> | undefined): Promise<void> | undefined {
      try {
        return ask();
      } catch {
        dropped.add(name);
        return undefined;
      }
    }

    function rank(): readonly Ranking[] {
      return sources.map((source) => {
        try {
          return { weight: source.weight, parts: source.recall(scene(), query) };
        } catch {
          // A request with less is better than none.
          dropped.add(source.name);
          return { weight: source.weight, parts: [] };
        }
      });
    }

    function contextOf(parts: readonly Chosen[], suffix: SentSuffix): CompletionContext {
      const head = importHead(scene());
      const chosen = head ? [{ part: head, score: HEAD_SCORE }, ...parts] : parts;
      const safe: ContextTexts = {
        prefix: exact().prefix.safeText,
        suffix: suffix.safeText,
        snippets: chosen.map(({ part, score }) => snippetOf(part, part.safeText, score)),
      };
      return {
        prefix: anchor.prefix,
        suffix: suffix.text,
        snippets: chosen.map(({ part, score }) => snippetOf(part, part.text, score)),
        safe,
        trace: traceOf(safe, [...dropped], excluded.size),
      };
    }

    const immediate = once(() => contextOf(selection.best(fuse(rank()), place), exact().suffix));
    return {
      get immediate() {
        return immediate();
      },
      async complete(signal) {
        signal.throwIfAborted();
        const asked = sources.flatMap((source) => {
          const answered = asking(source, () => source.ask?.(query, scene(), signal));
          return answered ? [{ name: source.name, answered }] : [];
        });
        const answers = asked.map(({ answered }) => answered);
        const states = await inTime(answers, DEADLINE_MS, setTimer, signal);
        for (const [at, state] of states.entries()) if (state !== 'done') dropped.add(asked[at]!.name);
        const suffix = suffixes.next(document, exact().suffix);
        return contextOf(selection.next(fuse(rank()), place), suffix);
      },
    };
  }

  function look(
    query: CompletionQuery,
    anchor: Anchor,
    rules: TextRules,
    excluded: Set<string>,
    dropped: Set<Source['name']>,
  ): Scene {
    const { document } = query;
    const admits: Scene['admits'] = ({ uri, path, language }, extract) => {
      if (!rules.isExcluded(path, uri, extract, language)) return true;
      excluded.add(uri);
      return false;
    };
    const documents = index.update(othersOf(query, admits, dropped), rules.redact).filter(({ isText }) => isText);
    const at = now();
    for (const each of [...documents, document]) history.observe(each, at);
    const words = wordsAround(anchor);
    return {
      document,
      anchor,
      rules,
      documents,
      words,
      wordsKey: words.join(' '),
      reference: wordSet(words, index.vocabulary),
      at,
      admits,
    };
  }
  return gather;
}

/** The other open documents that may be shown, as many as can be looked through. */
function othersOf(
  { document, openDocuments }: CompletionQuery,
  admits: Scene['admits'],
  dropped: Set<Source['name']>,
): readonly OpenDocument[] {
  const others: OpenDocument[] = [];
  let units = 0;
  for (const other of given(openDocuments, dropped)) {
    if (others.length === MAX_FILES) break;
    if (other.uri === document.uri || !isSendablePath(other.path) || !admits(other)) continue;
    // One that is too large says nothing about those after it.
    if (units + other.text.length > MAX_UNITS) continue;
    units += other.text.length;
    others.push(other);
  }
  return others;
}

function given(open: CompletionQuery['openDocuments'], dropped: Set<Source['name']>): readonly OpenDocument[] {
  try {
    return open();
  } catch {
    dropped.add('open_file');
    return [];
  }
}

function windowOf({ document }: CompletionQuery, { prefix, suffix }: Anchor, { redact }: TextRules) {
  const start = document.cursor - prefix.length;
  // Together, as a secret may stand on both sides of the cursor.
  const safe = safeSlice(document.text, start, document.cursor + suffix.length, redact);
  return {
    prefix: { text: prefix, safeText: safe.slice(0, prefix.length) },
    suffix: { text: suffix, safeText: safe.slice(prefix.length) },
  };
}

function snippetOf({ path, source }: Pick<Snippet, 'path' | 'source'>, text: string, score: number): Snippet {
  return { path, text, source, score };
}

function traceOf(
  { prefix, suffix, snippets }: ContextTexts,
  late: ContextTrace['late'],
  excluded: number,
): ContextTrace {
  return {
    prefixChars: prefix.length,
    suffixChars: suffix.length,
    snippets: snippets.map(({ source, path, text, score }) => ({ source, path, chars: text.length, score })),
    late,
    redactions: [prefix, suffix, ...snippets.map(({ text }) => text)].reduce(
      (sum, text) => sum + countPlaceholders(text),
      0,
    ),
    excluded,
  };
}
