/** The only reader and writer of VS Code's configuration. */
import type { LocalMode, Pace } from '@ghostline/client';
import type { Multiline } from '@ghostline/protocol';
import * as vscode from 'vscode';
import { allGlobs } from './exclude-globs.ts';
import {
  candidateCount,
  enableMap,
  fixedDelay,
  globs,
  localMode,
  multilineMode,
  paceOf,
  serverUrl,
} from './setting-values.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:4700';
const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;

const EXCLUDE_SCOPES = {
  user: { value: 'globalValue', target: Global },
  workspace: { value: 'workspaceValue', target: Workspace },
  folder: { value: 'workspaceFolderValue', target: WorkspaceFolder },
} as const;

/**
 * VS Code merges the values of every scope anew whenever a section is asked for, and a keystroke asks for dozens, for each
 * open document too: a sixth of all that the extension computed while somebody typed. Kept until a value changes; no other
 * listener is told before this one.
 */
let sections = new Map<vscode.ConfigurationScope | undefined, vscode.WorkspaceConfiguration>();
const forgetSections = () => (sections = new Map());
vscode.workspace.onDidChangeConfiguration(forgetSections);
vscode.workspace.onDidChangeWorkspaceFolders(forgetSections);
vscode.workspace.onDidCloseTextDocument((document) => sections.delete(document));

function section(scope?: vscode.ConfigurationScope): vscode.WorkspaceConfiguration {
  const known = sections.get(scope);
  if (known) return known;
  const read = vscode.workspace.getConfiguration('ghostline', scope);
  sections.set(scope, read);
  return read;
}

/** Where a setting is set already, as otherwise setting it would change nothing. */
function whereSet(name: string): vscode.ConfigurationTarget {
  return section().inspect(name)?.workspaceValue === undefined ? Global : Workspace;
}

/** Read at each use: a copy would be one more thing to keep current. */
export const settings = {
  serverUrl: (): string => serverUrl(section().get('serverUrl'), DEFAULT_SERVER),
  /** Somebody chose the server: it is not for us to look for another. */
  isServerChosen(): boolean {
    const { globalValue, workspaceValue } = section().inspect('serverUrl') ?? {};
    return globalValue !== undefined || workspaceValue !== undefined;
  },
  followRegions: (): boolean => section().get('followRegions') !== false,
  paused: (): boolean => section().get('paused') === true,
  onDemand: (): boolean => section().get('trigger') === 'manual',
  pace: (): Pace => paceOf(section().get('pace')),
  delayMs: (): number | undefined => fixedDelay(section().get('delay')),
  afterDeletion: (): boolean => section().get('suggestAfterDeletion') === true,
  prose: (): boolean => section().get('suggestInProse') === true,
  ahead: (): boolean => section().get('speculate') !== false,
  multiline: (): Multiline => multilineMode(section().get('multiline')),
  candidates: (): number => candidateCount(section().get('candidates')),
  local: (): LocalMode => localMode(section().get('local')),
  telemetry: (): boolean => section().get('telemetry.enabled') !== false,
  enable: (scope: vscode.ConfigurationScope): Record<string, boolean> => enableMap(section(scope).get('enable')),
  /** Those of every scope together; looks into each, so not for every keystroke. */
  exclude(): string[] {
    const { globalValue, workspaceValue } = section().inspect('exclude') ?? {};
    const folders = vscode.workspace.workspaceFolders ?? [];
    return allGlobs({
      user: globs(globalValue),
      workspace: globs(workspaceValue),
      folders:
        folders.length > 1
          ? folders.map(({ name, uri }) => ({
              name,
              globs: globs(section(uri).inspect('exclude')?.workspaceFolderValue),
            }))
          : [],
    });
  },

  setServerUrl: (url: string): Thenable<void> => section().update('serverUrl', url, Global),
  setPaused: (paused: boolean): Thenable<void> => section().update('paused', paused, Global),
  setPace: (pace: Pace): Thenable<void> => section().update('pace', pace, whereSet('pace')),
  setOnDemand: (onDemand: boolean): Thenable<void> =>
    section().update('trigger', onDemand ? 'manual' : 'automatic', whereSet('trigger')),
  setLanguage(language: string, on: boolean): Thenable<void> {
    const { globalValue, workspaceValue } = section().inspect('enable') ?? {};
    const ofWorkspace = enableMap(workspaceValue);
    const [list, target] = Object.hasOwn(ofWorkspace, language)
      ? [ofWorkspace, Workspace]
      : [enableMap(globalValue), Global];
    return section().update('enable', { ...list, [language]: on }, target);
  },
  /** The patterns of that scope alone. */
  excludedIn: ({ kind, folder }: ExcludeScope): string[] =>
    globs(section(folder).inspect('exclude')?.[EXCLUDE_SCOPES[kind].value]),
  setExcludedIn: ({ kind, folder }: ExcludeScope, list: readonly string[]): Thenable<void> =>
    section(folder).update('exclude', list.length > 0 ? list : undefined, EXCLUDE_SCOPES[kind].target),

  /** How VS Code lets extensions' requests go through a proxy. */
  proxySupport: (): string | undefined => vscode.workspace.getConfiguration('http').get('proxySupport'),

  /** Without it VS Code never asks any provider. */
  inlineSuggest: (scope: vscode.ConfigurationScope): boolean =>
    vscode.workspace.getConfiguration('editor', scope).get('inlineSuggest.enabled') !== false,
  enableInlineSuggest: (): Thenable<void> =>
    vscode.workspace.getConfiguration('editor').update('inlineSuggest.enabled', true, Global),
} as const;

/** One of the lists of `ghostline.exclude`; a folder's is that of `folder`. */
export interface ExcludeScope {
  readonly kind: 'user' | 'workspace' | 'folder';
  readonly folder?: vscode.Uri;
}

export type SettingName =
  | 'serverUrl'
  | 'enable'
  | 'exclude'
  | 'paused'
  | 'trigger'
  | 'pace'
  | 'delay'
  | 'suggestAfterDeletion'
  | 'suggestInProse'
  | 'speculate'
  | 'multiline'
  | 'candidates'
  | 'local'
  | 'telemetry';

/** Calls `listener` when one of `names` may have changed. */
export function onSettingChange(names: readonly SettingName[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`ghostline.${name}`))) listener();
  });
}
