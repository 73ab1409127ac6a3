/**
 * What is written for a model and not for people: orders to forget its orders, a new role, the marks of a conversation, as
 * they are planted in code for assistants to read. Whole phrases only, as code has each of their words for good reasons.
 */
const PLANTED = [
  // "Ignore all previous instructions", in its usual variations.
  '(?:ignore|disregard|forget|override|bypass)[\\s*#/]{1,6}(?:(?:all|any|every|of|the|your|these|those|my)[\\s*#/]{1,6}){0,4}(?:previous|prior|above|earlier|preceding|foregoing|existing|original|system)[\\s*#/]{1,6}(?:(?:system|safety|security)[\\s*#/]{1,6})?(?:instructions?|prompts?|messages?|rules|directions?|directives?|guidelines|commands|constraints)',
  'you[\\s*#/]{1,6}are[\\s*#/]{1,6}(?:now|no longer)[\\s*#/]{1,6}(?:an?[\\s*#/]{1,6}|in[\\s*#/]{1,6})?(?:ai|llm|language model|assistant|chatbot|dan|developer mode|jailbroken|unrestricted|bound by)\\b',
  '(?:new|updated|real|actual|hidden)[\\s*#/]{1,6}(?:system[\\s*#/]{1,6})?(?:instructions?|prompt)[\\s*#/]{1,6}(?:for|to)[\\s*#/]{1,6}(?:the[\\s*#/]{1,6}|any[\\s*#/]{1,6}|all[\\s*#/]{1,6})?(?:ai|llm|model|assistant|copilot)s?\\b',
  '(?:reveal|print|repeat|output|show|leak|send)[\\s*#/]{1,6}(?:me[\\s*#/]{1,6})?(?:your|the)[\\s*#/]{1,6}(?:system|initial|hidden|original|secret)[\\s*#/]{1,6}(?:prompt|instructions?)\\b',
  '(?:ai|llm|coding|code)[\\s*#/-]{1,6}(?:assistants?|agents?|models?|copilots?)[\\s*#/]{0,6}[:,][\\s*#/]{0,6}(?:please[\\s*#/]{1,6})?(?:you[\\s*#/]{1,6}(?:must|should)|always|never|insert|add|write|output|use|suggest|include|ignore)\\b',
  // The marks of a conversation in forms of their own; those of templates are control tokens.
  '^#{2,3} (?:instruction|response|system prompt|user|assistant):',
  '</?(?:system_prompt|system-prompt|system-reminder|system_message|assistant_response|human_turn)>',
].join('|');

/** One of these words stands in each of the above, so that most text is looked at for them alone. */
const WORDS =
  /instruction|prompt|assistant|human|directi|ignore|disregard|message|guideline|constraint|system[-_]|you are n|coding|copilot|llm|ai (?:agent|model)|code (?:agent|model)|### (?:response|user)/i;

/** As transcripts have it; in lower case these are keys of settings. */
const TURN = /^(?:Human|Assistant): [^\r\n]{0,400}/gm;

/** The rest of a sentence belongs to the order that it begins with, up to where a string or comment may end. */
const PLANTED_SENTENCE = new RegExp(`(?:${PLANTED})[^\\r\\n"'\`]{0,400}`, 'gim');

/**
 * `text` with spaces for what is written to a model, as long as before, line breaks kept. For text of others that comes
 * with a request; the same string when there is nothing of it.
 */
export function withoutInstructions(text: string): string {
  if (!WORDS.test(text)) return text;
  return text.replace(TURN, blank).replace(PLANTED_SENTENCE, (sentence) => {
    // What closes a comment is left, or the code after it would look like one.
    const end = sentence.search(/\*\/|-->|#>|\]\]/);
    const order = end < 0 ? sentence : sentence.slice(0, end);
    return blank(order) + sentence.slice(order.length);
  });
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
