import type { Gate, Keystroke } from '@ghostline/client';
import {
  type Explanation,
  type Reasons,
  type Words,
  askByHand,
  explanationOf,
  sentences,
  withSetting,
} from './reasons.ts';

export function notAsked({ reason }: Keystroke, words: Words): Explanation {
  const { t, manualKey } = words;
  const onlyByHand = t('Ghostline asks there only by hand ({0}).', manualKey);
  const byHand = askByHand(words);
  const typeOn = withSetting(
    words,
    'ghostline.suggestAfterDeletion',
    sentences(t('Type on, or turn on {0}.', 'ghostline.suggestAfterDeletion'), byHand),
    sentences(t('Type on.'), byHand),
  );
  const gates: Reasons<Gate> = {
    paused: () => ({
      title: t('not asked: paused'),
      sentence: t('No suggestion: suggestions are paused.'),
      ...(words.hasSettings && { fix: t('The Ghostline item in the status bar resumes them.') }),
    }),
    'language-off': () => ({
      title: t('not asked: off for this language'),
      sentence: t('No suggestion: suggestions are off for this language.'),
      ...withSetting(
        words,
        'ghostline.enable',
        t('The Ghostline item in the status bar turns them on; {0} lists the languages.', 'ghostline.enable'),
      ),
    }),
    'file-off': () => ({
      title: t('not asked: off for this file'),
      sentence: t('No suggestion: suggestions are off for this file.'),
      ...withSetting(words, 'ghostline.exclude', t('Take the file out of {0} to have them.', 'ghostline.exclude')),
    }),
    'document-off': () => ({
      title: t('not asked: not in such documents'),
      sentence: t('No suggestion: there are none in this kind of document, such as output, search results or diffs.'),
    }),
    'on-demand': () => ({
      title: t('not asked: by hand only'),
      sentence: t('No suggestion: Ghostline is set to be asked by hand only, and nothing was known already.'),
      ...withSetting(
        words,
        'ghostline.trigger',
        sentences(t('Set {0} to automatic to have it ask as you type.', 'ghostline.trigger'), byHand),
        byHand,
      ),
    }),
    excluded: () => ({
      title: t('not asked: file is excluded'),
      sentence: t('No suggestion: the text of this file must not leave the editor.'),
      ...withSetting(
        words,
        'ghostline.exclude',
        t(
          'If it may, take it out of {0} and the ignore files. Files of kinds that usually hold secrets are always left out.',
          'ghostline.exclude',
        ),
      ),
    }),
    dismissed: () => ({
      title: t('not asked: dismissed'),
      sentence: t('No suggestion: you dismissed one here, and have typed what it says.'),
      fix: byHand,
    }),
    'no-cursor': () => ({
      title: t('not asked: no cursor'),
      sentence: t('No suggestion: the document had no cursor in a place where text can go.'),
      fix: t('Click where you want to write.'),
    }),
    'several-cursors': () => ({
      title: t('not asked: several cursors'),
      sentence: t('No suggestion: there are several cursors, or text is selected, and a suggestion fits one place.'),
      fix: t('Press Esc to go back to one cursor.'),
    }),
    'mid-word': () => ({
      title: t('not asked: middle of a word'),
      sentence: t('No suggestion: the cursor is in the middle of a word.'),
      fix: onlyByHand,
    }),
    'mid-line': () => ({
      title: t('not asked: code follows'),
      sentence: t('No suggestion: there is more to the right of the cursor than closing punctuation.'),
      fix: onlyByHand,
    }),
    'after-undo': () => ({
      title: t('not asked: after undo or redo'),
      sentence: t('No suggestion: the last change was an undo or a redo, and nothing was known already.'),
      ...typeOn,
    }),
    prose: () => ({
      title: t('not asked: prose'),
      sentence: t('No suggestion: the cursor is in the prose of a comment or a string.'),
      ...withSetting(
        words,
        'ghostline.suggestInProse',
        sentences(t('Turn on {0} to have prose completed.', 'ghostline.suggestInProse'), byHand),
        byHand,
      ),
    }),
    'exact-entry': () => ({
      title: t('not asked: in the list'),
      sentence: t('No suggestion: the list of completions has the rest of this name, from a source that knows it.'),
      fix: sentences(t('Accept the entry, or close the list with Esc.'), byHand),
    }),
  };
  return explanationOf(reason, gates, words);
}
