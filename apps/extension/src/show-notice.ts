import * as vscode from 'vscode';
import type { Notice } from './notices.ts';
import { settings } from './settings.ts';

/** The notice itself, with the one click that mends what it is about. */
export async function showNotice(notice: Notice): Promise<void> {
  const { t } = vscode.l10n;
  switch (notice) {
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
  }
}
