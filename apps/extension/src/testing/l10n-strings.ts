/** Finds what is said to users: every `t('…')` of the extension and of the inspector it shows. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const EXTENSION = path.resolve(import.meta.dirname, '..', '..');
const SOURCES = [path.join(EXTENSION, 'src'), path.join(EXTENSION, '..', '..', 'packages', 'inspector', 'src')];

export interface Said {
  readonly strings: readonly string[];
  /** Calls whose words are not there to be read, so that nobody could translate them: `file: call`. */
  readonly unreadable: readonly string[];
}

/** Sorted, each once. */
export function saidToUsers(): Said {
  const found = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/(?:^|[/\\])testing[/\\]/.test(name))
      .map((name) => ({ name, said: stringsIn(readFileSync(path.join(folder, name), 'utf8')) })),
  );
  return {
    strings: [...new Set(found.flatMap(({ said }) => said.strings))].toSorted(),
    unreadable: found.flatMap(({ name, said }) => said.unreadable.map((call) => `${name}: ${call}`)),
  };
}

export function stringsIn(source: string): Said {
  const strings: string[] = [];
  const unreadable: string[] = [];
  for (const { index } of source.matchAll(/(?<![\w.$])(?:vscode\.l10n\.)?t\(/g)) {
    const call = source.slice(index, index + 1000);
    const literal = /^[\w.]*t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s*[,)]/.exec(call)?.[1];
    if (literal === undefined) unreadable.push(call.split('\n')[0]!);
    else strings.push(valueOf(literal));
  }
  return { strings, unreadable };
}

/** A string literal of either quotes; those here have no escapes but of quotes and backslashes. */
function valueOf(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

export function readJson(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(EXTENSION, name), 'utf8'));
}

export const BUNDLE = path.join(EXTENSION, 'l10n', 'bundle.l10n.json');
