import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';

const COMMANDS = [
  'ghostline.trigger',
  'ghostline.dismiss',
  'ghostline.toggle',
  'ghostline.setToken',
  'ghostline.clearToken',
  'ghostline.showStatus',
];

describe('the extension', () => {
  it('starts by itself once VS Code is up', async () => {
    const extension = vscode.extensions.getExtension('ghostline.ghostline');
    assert.ok(extension, 'it is installed');
    await eventually('it is active', () => extension.isActive);
  });

  it('registers its commands, the one behind the status bar item among them', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      COMMANDS.filter((command) => !registered.has(command)),
      [],
    );
  });
});
