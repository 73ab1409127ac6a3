import * as vscode from 'vscode';
import type { Notice } from './notices.ts';
import { settings } from './settings.ts';

/** The notice itself, with the one click that mends what it is about. */
export async function showNotice(notice: Notice): Promise<void> {
  const { t } = vscode.l10n;
  switch (notice.kind) {
    case 'token-needed': {
      const setToken = t('Set Access Token');
      const message = t('Ghostline: {0} wants a valid access token.', settings.serverUrl());
      const chosen = await vscode.window.showWarningMessage(message, setToken);
      if (chosen === setToken) await vscode.commands.executeCommand('ghostline.setToken');
      return;
    }
    case 'inline-suggest-off': {
      const turnOn = t('Turn On');
      const message = t('Ghostline cannot suggest anything while "editor.inlineSuggest.enabled" is off.');
      const chosen = await vscode.window.showInformationMessage(message, turnOn);
      if (chosen === turnOn) await settings.enableInlineSuggest();
      return;
    }
    case 'workspace-not-trusted': {
      const manage = t('Manage Workspace Trust');
      const message = t(
        'This workspace names a Ghostline server of its own, which counts only after you trust it. Until then, code goes to {0}.',
        settings.serverUrl(),
      );
      const chosen = await vscode.window.showInformationMessage(message, manage);
      if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
      return;
    }
    case 'rivals': {
      const manage = t('Show Extensions');
      const names = new Intl.ListFormat(vscode.env.language, { type: 'conjunction' }).format(notice.names);
      const message = t(
        '{0} completes code as well as Ghostline: ghost text may come from either. Switch one of them off to know which.',
        names,
      );
      const chosen = await vscode.window.showInformationMessage(message, manage);
      if (chosen === manage) await vscode.commands.executeCommand('workbench.extensions.action.showEnabledExtensions');
      return;
    }
    case 'server-found': {
      const use = t('Use It');
      const message = t('A Ghostline server answers at {0}.', notice.url);
      const chosen = await vscode.window.showInformationMessage(message, use);
      if (chosen === use) await settings.setServerUrl(notice.url);
      return;
    }
  }
}
