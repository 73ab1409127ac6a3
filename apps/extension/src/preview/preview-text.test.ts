import type { RequestPreview } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { type PreviewContext, previewText } from './preview-text.ts';

const t = (message: string, ...args: unknown[]) =>
  message.replaceAll(/\{(\d)\}/g, (_, index) => String(args[Number(index)]));
const context: PreviewContext = {
  serverUrl: 'http://127.0.0.1:4700',
  place: { path: 'src/app.ts', line: 12, column: 5 },
  off: undefined,
  gateSentence: (gate) => `the gate is ${gate}.`,
};
const preview: RequestPreview = {
  request: {
    prefix: 'const key = "~redacted~redact";\nconst a = "\\n";\n',
    suffix: '\n}\n',
    language: 'typescript',
    path: 'src/app.ts',
    trigger: 'automatic',
    snippets: [
      { path: 'src/b.ts', text: 'export const b = 2;\n', source: 'open_file', score: 0.421 },
      { path: 'src/c.ts', text: 'interface C {}', source: 'definition' },
    ],
  },
  gate: undefined,
  context: { prefixChars: 48, suffixChars: 3, snippets: [], late: ['recent_view'], redactions: 1, excluded: 2 },
};

describe('the preview of what is sent', () => {
  it('holds every text as it is sent, placeholders and all, without escapes', () => {
    const text = previewText(preview, context, t);
    for (const part of [
      preview.request!.prefix,
      preview.request!.suffix,
      'export const b = 2;\n',
      'interface C {}',
      'src/b.ts (open_file, 0.42)',
      'src/c.ts (definition)',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('src/app.ts, line 12, column 5');
    expect(text).toContain('To http://127.0.0.1:4700, and nowhere else.');
  });

  it('ends with the request itself, byte for byte', () => {
    expect(previewText(preview, context, t)).toContain(`\n${JSON.stringify(preview.request)}\n`);
  });

  it('counts what was overwritten and left out, and names what came late', () => {
    const text = previewText(preview, context, t);
    expect(text).toContain('Secrets overwritten before anything is sent: 1');
    expect(text).toContain('must not leave the editor: 2');
    expect(text).toContain('came too late: recent_view');
    const nothingLate = { ...preview, context: { ...preview.context!, late: [] } };
    expect(previewText(nothingLate, context, t)).not.toContain('too late');
  });

  it('says whether it would be sent, and what keeps it', () => {
    expect(previewText(preview, context, t)).toContain('Would be sent when you type here.');
    expect(previewText({ ...preview, gate: 'mid-word' }, context, t)).toContain('by itself. the gate is mid-word.');
    const off = previewText({ ...preview, gate: 'paused' }, { ...context, off: 'Paused until 09:30.' }, t);
    expect(off).toContain('Would not be sent. Paused until 09:30.');
  });

  it('has no request for a file whose text must stay', () => {
    const excluded = previewText({ request: undefined, gate: 'excluded', context: undefined }, context, t);
    expect(excluded).toContain('the gate is excluded.');
    expect(excluded).toContain('There is no request to show.');
  });

  it('asks for a cursor where there is none', () => {
    expect(previewText(undefined, { ...context, place: undefined }, t)).toContain('Put the cursor into a file');
  });
});
