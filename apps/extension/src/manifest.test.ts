import { describe, expect, it } from 'vitest';
import { readJson } from './testing/l10n-strings.ts';

interface Manifest {
  readonly contributes: {
    readonly keybindings: readonly { command: string; key: string; mac?: string; when?: string }[];
    readonly configuration: readonly {
      title: string;
      order: number;
      properties: Record<string, { order: number; markdownDescription: string; scope: string; default: unknown }>;
    }[];
    readonly walkthroughs: readonly { steps: readonly { id: string; completionEvents: readonly string[] }[] }[];
    readonly commands: readonly { command: string }[];
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const manifest = readJson('package.json') as unknown as Manifest;
const { keybindings, configuration, walkthroughs, commands } = manifest.contributes;
const properties = Object.fromEntries(configuration.flatMap((section) => Object.entries(section.properties)));

describe('the keys', () => {
  it('never include Tab, which is VS Code’s to give', () => {
    for (const { key, mac = '' } of keybindings) expect(`${key} ${mac}`).not.toMatch(/\btab\b/i);
  });

  it('count only in an editor, and beside a suggestion only while it is there', () => {
    for (const { command, when = '' } of keybindings) {
      expect(when).toContain('editorTextFocus');
      if (command !== 'ghostline.trigger') expect(when).toContain('inlineSuggestionVisible');
    }
  });

  it('leave Escape to Vim, and to the list of IntelliSense', () => {
    const escape = keybindings.find(({ key }) => key === 'escape');
    for (const other of ['!vim.active', '!neovim.init', '!suggestWidgetVisible']) expect(escape?.when).toContain(other);
  });

  it('take a line only of a suggestion of ours', () => {
    const line = keybindings.find(({ command }) => command.endsWith('acceptNextLine'));
    expect(line?.when).toContain('ghostline.isVisible');
  });
});

describe('the settings', () => {
  it('are in groups with an order, and in an order in each', () => {
    expect(configuration.map(({ order }) => order)).toEqual([1, 2, 3, 4, 5]);
    for (const section of configuration) {
      const orders = Object.values(section.properties).map(({ order }) => order);
      expect(orders).toEqual(orders.map((_, index) => index + 1));
    }
  });

  it('are found by the words that people search for', () => {
    const english = readJson('package.nls.json') as Record<string, string>;
    const foundBy = (word: string) =>
      Object.entries(properties)
        .filter(([, { markdownDescription }]) =>
          english[markdownDescription.slice(1, -1)]?.toLowerCase().includes(word.toLowerCase()),
        )
        .map(([name]) => name);
    expect(foundBy('autocomplete')).toContain('ghostline.enable');
    expect(foundBy('disable')).toContain('ghostline.enable');
    expect(foundBy('debounce')).toEqual(expect.arrayContaining(['ghostline.pace', 'ghostline.delay']));
    expect(foundBy('delay')).toContain('ghostline.pace');
    expect(foundBy('multi-line')).toContain('ghostline.multiline');
    expect(foundBy('single line')).toContain('ghostline.multiline');
    expect(foundBy('ghost text')).toContain('ghostline.trigger');
    expect(foundBy('on demand')).toContain('ghostline.trigger');
    expect(foundBy('ignore')).toContain('ghostline.exclude');
    expect(foundBy('snooze')).toContain('ghostline.paused');
    expect(foundBy('prefetch')).toContain('ghostline.speculate');
    expect(foundBy('endpoint')).toContain('ghostline.serverUrl');
  });

  it('that decide what leaves the editor, and where it goes, cannot be set by an untrusted workspace', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations).toEqual(
      expect.arrayContaining(['ghostline.serverUrl', 'ghostline.enable', 'ghostline.exclude']),
    );
    for (const name of restrictedConfigurations) expect(Object.keys(properties)).toContain(name);
  });

  it('of consent and quiet are the user’s alone', () => {
    expect(properties['ghostline.telemetry.enabled']?.scope).toBe('application');
    expect(properties['ghostline.paused']?.scope).toBe('application');
  });
});

describe('the walkthrough', () => {
  it('has three to five steps, each of which can come to an end', () => {
    const [walkthrough] = walkthroughs;
    expect(walkthrough?.steps.length).toBeGreaterThanOrEqual(3);
    expect(walkthrough?.steps.length).toBeLessThanOrEqual(5);
    for (const { completionEvents } of walkthrough!.steps) expect(completionEvents).not.toEqual([]);
  });

  it('leads only to commands and settings that exist', () => {
    const english = readJson('package.nls.json') as Record<string, string>;
    const known = new Set(commands.map(({ command }) => command));
    for (const [key, text] of Object.entries(english).filter(([name]) => name.startsWith('walkthrough.'))) {
      for (const [, command] of text.matchAll(/\(command:(ghostline\.[\w.]+)/g)) expect(known, key).toContain(command);
      for (const [, query] of text.matchAll(/openSettings\?([^)]+)\)/g)) {
        expect(Object.keys(properties), key).toContain(JSON.parse(decodeURIComponent(query!))[0]);
      }
    }
  });
});
