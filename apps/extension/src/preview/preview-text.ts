/** A request as a document that people can read: nothing abridged, nothing escaped. */
import type { Gate, RequestPreview } from '@ghostline/client';
import type { Translate } from '../status.ts';

export interface PreviewContext {
  readonly serverUrl: string;
  /** Undefined when there is no cursor to ask for. */
  readonly place: { readonly path: string; readonly line: number; readonly column: number } | undefined;
  /** Why suggestions are off here, as a sentence. */
  readonly off: string | undefined;
  /** The inspector's words for it. */
  readonly gateSentence: (gate: Gate) => string;
}

export function previewText(preview: RequestPreview | undefined, context: PreviewContext, t: Translate): string {
  const { place } = context;
  if (!place || !preview) {
    return lines(
      t('Ghostline: what is sent'),
      '',
      t('Put the cursor into a file, then run "Ghostline: Preview What Is Sent" again.'),
    );
  }
  const head = [
    t('Ghostline: what is sent for {0}, line {1}, column {2}', place.path, place.line, place.column),
    t('To {0}, and nowhere else. Nothing was sent to show this.', context.serverUrl),
  ];
  const { request } = preview;
  if (!request) return lines(...head, '', ...gateLines(preview, context, t), '', t('There is no request to show.'));
  const { prefix, suffix, snippets = [], ...rest } = request;
  return lines(
    ...head,
    '',
    ...gateLines(preview, context, t),
    ...traceLines(preview, t),
    '',
    ...section(t('Before the cursor (prefix, {0} characters)', prefix.length), prefix),
    ...section(t('After the cursor (suffix, {0} characters)', suffix.length), suffix),
    ...snippets.flatMap(({ path, source, score, text }, index) => {
      const weight = score === undefined ? '' : `, ${score.toFixed(2)}`;
      const title = t('Snippet {0} of {1}: {2}', index + 1, snippets.length, path);
      return section(`${title} (${source}${weight})`, text);
    }),
    ...section(t('Everything else'), JSON.stringify(rest, undefined, 2)),
    ...section(t('The same, as it is sent'), JSON.stringify(request)),
  );
}

function gateLines({ gate, request }: RequestPreview, { off, gateSentence }: PreviewContext, t: Translate): string[] {
  if (off !== undefined) return [`${t('Would not be sent.')} ${off}`];
  if (gate !== undefined) return [`${t('Would not be sent by itself.')} ${gateSentence(gate)}`];
  return request ? [t('Would be sent when you type here.')] : [];
}

function traceLines({ context }: RequestPreview, t: Translate): string[] {
  if (!context) return [];
  const { redactions, excluded, late } = context;
  return [
    t('Secrets overwritten before anything is sent: {0}', redactions),
    t('Files and parts left out, as they must not leave the editor: {0}', excluded),
    ...(late.length > 0 ? [t('Left out, as they came too late: {0}', late.join(', '))] : []),
  ];
}

function section(title: string, body: string): string[] {
  return [`──── ${title} ────`, body, ''];
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
