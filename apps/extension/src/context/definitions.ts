import { type Excerpt, type OpenDocument, declarationAt, languageOfPath } from '@ghostline/client';
import * as vscode from 'vscode';
import { createAnswers } from './answers.ts';
import { hoverCode } from './hover-code.ts';
import { libraryPath } from './library-path.ts';
import { type NearName, namesNear } from './names-near.ts';

/** Finds what the names near the cursor mean, by whatever language features the user's extensions bring. */
export interface Definitions {
  /**
   * Definitions and types of the names near the cursor, nearest first: their signatures, each of 500 characters at most.
   * Resolves when all have answered or failed; rejects with the signal's reason on abort. What comes after that is there at
   * the next call.
   */
  near(document: vscode.TextDocument, position: vscode.Position, signal: AbortSignal): Promise<readonly Excerpt[]>;
  /** What was found is void: another setting, other ignore files. */
  clear(): void;
}

export interface DefinitionsOptions {
  /** Whether a document's text may be sent at all: no language feature is asked about another. */
  readonly mayLeave: (document: vscode.TextDocument) => boolean;
  /** Whether the signature of something declared there may be. */
  readonly mayShow: (uri: vscode.Uri, path: string) => boolean;
  readonly textOf: (document: vscode.TextDocument) => OpenDocument;
}

/** Tabby's figure: a signature with its types, or a type with most of its members. */
const MAX_UNITS = 500;
const MAX_EXCERPTS = 5;
/** The names of a screen or two. */
const REMEMBERED_NAMES = 200;
const REMEMBERED_FILES = 8;
const FRESH_MS = 20_000;
/** Two cursors' worth of names: what is asked can not be taken back. */
const QUESTIONS_AT_ONCE = 10;
/** Larger files are bundles or generated; of those a hover says as much (TypeScript's own DOM types have 2 MB). */
const MAX_FILE_BYTES = 512 * 1024;

export function createDefinitions({ mayLeave, mayShow, textOf }: DefinitionsOptions): Definitions {
  const limits = { now: Date.now, freshMs: FRESH_MS, atOnce: QUESTIONS_AT_ONCE };
  const answers = createAnswers<readonly Excerpt[]>({ ...limits, limit: REMEMBERED_NAMES });
  const files = createAnswers<readonly string[]>({ ...limits, limit: REMEMBERED_FILES });

  async function ask(document: vscode.TextDocument, { line, character }: NearName): Promise<readonly Excerpt[]> {
    const position = new vscode.Position(line, character);
    const places = await placesOf(document.uri, position);
    const excerpts: Excerpt[] = [];
    for (const place of places) {
      // Where it is named is where it is declared: that stands in the window.
      if (place.uri.toString() === document.uri.toString() && place.range.contains(position)) continue;
      const path = pathOfPlace(place.uri);
      if (!mayShow(place.uri, path)) continue;
      const text = (await signatureAt(place)) ?? (await hoverAt(document.uri, position));
      if (text === undefined || text.trim() === '') continue;
      const language = languageOfPath(place.uri.path).id;
      excerpts.push({ uri: place.uri.toString(), path, language, text, startLine: place.range.start.line });
    }
    return excerpts;
  }

  async function signatureAt({ uri, range }: vscode.Location): Promise<string | undefined> {
    const lines = await linesOf(uri);
    const text = lines && declarationAt(lines, range.start.line, MAX_UNITS);
    return text === '' ? undefined : text;
  }

  /** Without opening a document: that would start language servers, and be seen by other extensions. */
  async function linesOf(uri: vscode.Uri): Promise<readonly string[] | undefined> {
    const key = uri.toString();
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
    if (open) return textOf(open).text.split('\n');
    return files.get(key, undefined, async () => {
      const { size } = await vscode.workspace.fs.stat(uri);
      if (size > MAX_FILE_BYTES) return [];
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).split(/\r?\n/);
    });
  }

  return {
    async near(document, position, signal) {
      signal.throwIfAborted();
      if (!mayLeave(document)) return [];
      const names = namesNear((line) => document.lineAt(line).text, position.line, position.character);
      const { uri, version } = document;
      const found = names.map((near) =>
        answers.get(`${uri.toString()}#${near.name}`, version, () => ask(document, near)),
      );
      const all = await unlessAborted(Promise.all(found), signal);
      const excerpts = new Map<string, Excerpt>();
      for (const excerpt of all.flatMap((answer) => answer ?? [])) {
        // Asked again: what was found may have been excluded since.
        if (!mayShow(vscode.Uri.parse(excerpt.uri), excerpt.path)) continue;
        excerpts.set(`${excerpt.uri}#${excerpt.startLine}`, excerpt);
      }
      return [...excerpts.values()].slice(0, MAX_EXCERPTS);
    },
    clear() {
      answers.clear();
      files.clear();
    },
  };
}

/** Where a name is defined, and what it is an instance of: the first of each. */
async function placesOf(uri: vscode.Uri, position: vscode.Position): Promise<readonly vscode.Location[]> {
  const features = ['vscode.executeDefinitionProvider', 'vscode.executeTypeDefinitionProvider'];
  const found = await Promise.all(features.map((feature) => firstPlace(feature, uri, position)));
  const places = new Map(found.flatMap((place) => (place ? [[nameOf(place), place] as const] : [])));
  return [...places.values()];
}

async function firstPlace(
  feature: string,
  uri: vscode.Uri,
  position: vscode.Position,
): Promise<vscode.Location | undefined> {
  try {
    const found = await vscode.commands.executeCommand<readonly (vscode.Location | vscode.LocationLink)[] | undefined>(
      feature,
      uri,
      position,
    );
    const [first] = found ?? [];
    if (!first) return undefined;
    return 'targetUri' in first ? new vscode.Location(first.targetUri, first.targetRange) : first;
  } catch {
    // A provider that fails, or none for this language.
    return undefined;
  }
}

async function hoverAt(uri: vscode.Uri, position: vscode.Position): Promise<string | undefined> {
  try {
    const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[] | undefined>(
      'vscode.executeHoverProvider',
      uri,
      position,
    );
    const texts = (hovers ?? []).flatMap(({ contents }) => contents.map(markdownOf));
    return texts.map((text) => hoverCode(text, MAX_UNITS)).find((code) => code !== undefined);
  } catch {
    return undefined;
  }
}

function markdownOf(content: vscode.MarkdownString | vscode.MarkedString): string {
  if (typeof content === 'string') return content;
  return 'language' in content ? `\`\`\`${content.language}\n${content.value}\n\`\`\`` : content.value;
}

function nameOf({ uri, range }: vscode.Location): string {
  return `${uri.toString()}#${range.start.line}`;
}

/**
 * A definition may lie outside of the workspace, in a library or in the language's own types. Its signature goes along all the
 * same, unless it is excluded: it is what the code at the cursor is written against, most of it is public, and 500 characters
 * of declarations say nothing about who wrote it. Its path says no more than the library and file.
 */
function pathOfPlace(uri: vscode.Uri): string {
  const library = libraryPath(uri.path);
  if (library !== undefined) return library;
  if (vscode.workspace.getWorkspaceFolder(uri)) return vscode.workspace.asRelativePath(uri);
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
