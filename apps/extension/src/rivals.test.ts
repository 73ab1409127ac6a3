import { describe, expect, it } from 'vitest';
import { activeRivals } from './rivals.ts';

const none = () => undefined;
const active = (...ids: string[]) => ids.map((id) => ({ id, isActive: true }));

describe('other extensions that complete code', () => {
  it('are named once each, however their ids are written', () => {
    expect(activeRivals(active('GitHub.copilot', 'GitHub.copilot-chat', 'Continue.continue'), none)).toEqual([
      'GitHub Copilot',
      'Continue',
    ]);
    expect(activeRivals(active('vscode.git', 'ghostline.ghostline'), none)).toEqual([]);
  });

  it('do not count while they are only installed', () => {
    expect(activeRivals([{ id: 'TabbyML.vscode-tabby', isActive: false }], none)).toEqual([]);
  });

  it('do not count where their users have switched completions off', () => {
    const copilot = active('GitHub.copilot-chat');
    const set = (values: Record<string, unknown>) => (setting: string) => values[setting];
    expect(activeRivals(copilot, set({ 'github.copilot.enable': { '*': false, python: true } }))).toEqual([]);
    expect(activeRivals(copilot, set({ 'github.copilot.enable': { '*': true, markdown: false } }))).toEqual([
      'GitHub Copilot',
    ]);
    expect(activeRivals(active('sourcegraph.cody-ai'), set({ 'cody.autocomplete.enabled': false }))).toEqual([]);
  });
});
