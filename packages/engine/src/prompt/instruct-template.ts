import type { ChatMessage, ChatPrompt } from '@ghostline/inference';
import { createAnswerCleaner } from '../answer/instruct-answer.ts';
import type { PromptParts } from './fim-template.ts';
import { type PromptText, plain, promptText } from './prompt-text.ts';

/** In the bars of control tokens, which user text cannot have, and a token of no model, as servers would take that apart. */
const CURSOR = '<|cursor_here|>';
const FILE = '<|project_file|>';
export const INSTRUCT_MARKERS = [CURSOR, FILE];

/** The system message: the same for everybody, so that engines have read it already. */
const TASK = `You complete code in an editor while somebody types. You get the files that may matter, the last of them with the \
marker ${CURSOR} where the cursor is. Answer with exactly the text to insert at the marker: code only, no explanation, no \
Markdown, no fences. Start in the middle of the line if the cursor stands there; repeat nothing that stands before or after \
the marker. Stop at the end of the statement or block that is being written. If nothing is missing, answer with nothing.`;

/** The message above, the file marks and the roles, generously. */
export const INSTRUCT_OVERHEAD_TOKENS = 220;

/**
 * The messages for a model that only chats. `continuation` is the text of a broken answer: with `prefilled` the endpoint
 * has the model go on with the last message, where it stands in its place; without, it is part of the code already.
 */
export function askInstruct(parts: PromptParts, continuation: string, prefilled: boolean): ChatPrompt {
  const before = plain(parts.prefix) + continuation;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const messages: ChatMessage[] = [
    { role: 'system', content: TASK },
    { role: 'user', content: plain(filesOf(parts, prefilled ? '' : continuation)) },
  ];
  // The opened fence and the line so far leave nothing to say but the code.
  if (prefilled) messages.push({ role: 'assistant', content: `\`\`\`${parts.language}\n${line}` });
  return { messages, createCleaner: () => createAnswerCleaner({ before, prefilled }) };
}

/** All of it as one text, in the order of the messages. */
export function renderInstruct(parts: PromptParts): PromptText {
  return promptText`${TASK}\n\n${filesOf(parts, '')}`;
}

function filesOf({ prefix, suffix, snippets, path }: PromptParts, continuation: string): PromptText {
  const files = snippets.map(({ name, text }) => promptText`${FILE} ${name}\n${text}\n`);
  return promptText`${files}${FILE} ${path}\n${prefix}${continuation}${CURSOR}${suffix}`;
}
