/**
 * The least that can be done for ghost text: a constant, all but for its number, at once and without looking at more than two
 * lines. What any extension takes longer than this one is its own.
 */
const vscode = require('vscode');

const LINE = 'rows.push(makeRow(table, 0));';

function provideInlineCompletionItems(document, position) {
  const text = rest(document, position);
  return text && [new vscode.InlineCompletionItem(text, new vscode.Range(position, position))];
}

function rest(document, { line, character }) {
  const typed = document.lineAt(line).text.slice(0, character);
  const next = after(typed);
  if (next) return line === document.lineCount - 1 ? `\n${next}` : undefined;
  const known = line > 0 && typed !== '' && after(document.lineAt(line - 1).text);
  return known && known.startsWith(typed) ? known.slice(typed.length) : undefined;
}

function after(line) {
  const number = /(\d+)\)\);$/.exec(line)?.[1];
  return number && LINE.replace('0', String(Number(number) + 1));
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, { provideInlineCompletionItems }),
  );
};
