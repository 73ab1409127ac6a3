import type { Theme } from '../theme/theme.ts';
import * as monaco from './monaco.ts';
import type { Sample } from './samples.ts';

const COLOURS = {
  light: {
    base: 'vs',
    colors: {
      'editor.background': '#ffffff',
      'editor.foreground': '#111815',
      'editorLineNumber.foreground': '#9aa5a0',
      'editorLineNumber.activeForeground': '#4d5954',
      'editor.lineHighlightBackground': '#f7f8f7',
      'editor.lineHighlightBorder': '#00000000',
      'editorCursor.foreground': '#0a7d5f',
      'editorGhostText.foreground': '#7b8781',
    },
  },
  dark: {
    base: 'vs-dark',
    colors: {
      'editor.background': '#131716',
      'editor.foreground': '#eef3f0',
      'editorLineNumber.foreground': '#55605b',
      'editorLineNumber.activeForeground': '#a7b3ad',
      'editor.lineHighlightBackground': '#191e1c',
      'editor.lineHighlightBorder': '#00000000',
      'editorCursor.foreground': '#34d0a0',
      'editorGhostText.foreground': '#74817a',
    },
  },
} as const satisfies Record<Theme, { base: monaco.editor.BuiltinTheme; colors: monaco.editor.IColors }>;

export function defineThemes(): void {
  for (const [name, { base, colors }] of Object.entries(COLOURS)) {
    monaco.editor.defineTheme(`ghostline-${name}`, { base, inherit: true, rules: [], colors });
  }
}

export function setEditorTheme(theme: Theme): void {
  monaco.editor.setTheme(`ghostline-${theme}`);
}

export function createEditor(container: HTMLElement): monaco.editor.IStandaloneCodeEditor {
  return monaco.editor.create(container, {
    model: null,
    ariaLabel: 'Code',
    automaticLayout: true,
    fontFamily: "'JetBrains Mono', ui-monospace, monospace",
    fontSize: 13.5,
    lineHeight: 21,
    minimap: { enabled: false },
    padding: { top: 14, bottom: 14 },
    smoothScrolling: true,
    overviewRulerLanes: 0,
    fixedOverflowWidgets: true,
    scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, alwaysConsumeMouseWheel: false },
    // The list of words would compete with the ghost text for Tab.
    quickSuggestions: false,
    suggestOnTriggerCharacters: false,
    wordBasedSuggestions: 'off',
    inlineSuggest: { enabled: true, showToolbar: 'onHover', syntaxHighlightingEnabled: false },
  });
}

/** The text of a sample as Monaco's model of it; CR LF would make its offsets differ from the server's. */
export function createModel(sample: Sample): monaco.editor.ITextModel {
  const model = monaco.editor.createModel(sample.text, sample.language, monaco.Uri.file(sample.path));
  model.setEOL(monaco.editor.EndOfLineSequence.LF);
  model.updateOptions({ tabSize: sample.language === 'python' ? 4 : 2, insertSpaces: true });
  return model;
}

/** Shows a document with the cursor where a first line can be typed. */
export function showAtStart(
  editor: monaco.editor.ICodeEditor,
  model: monaco.editor.ITextModel,
  { start }: Sample,
): void {
  editor.setModel(model);
  editor.setPosition({ lineNumber: start.lineNumber, column: start.indentation.length + 1 });
  editor.revealLineInCenter(start.lineNumber);
}
