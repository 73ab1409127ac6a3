/** What the closed lists of a keystroke are called on screen. */
import type { AnswerTrace, Fate, Keystroke, Stage } from '@ghostline/client';
import type { KeystrokeKind } from './kind.ts';
import type { Translate } from './translate.ts';

type SnippetSource = NonNullable<Keystroke['context']>['late'][number];

export function stageWord(stage: Stage, t: Translate): string {
  const words: Record<Stage, string> = {
    'type-through': t('Typing along'),
    cache: t('Known answers'),
    gate: t('Whether to ask'),
    inflight: t('Request under way'),
    pace: t('Pause before asking'),
    context: t('Context'),
    network: t('Server'),
    local: t('Local model'),
    fit: t('Fitting the answer'),
  };
  return words[stage] ?? stage;
}

export function kindWord(kind: KeystrokeKind, t: Translate): string {
  const words: Record<KeystrokeKind, string> = {
    shown: t('Shown'),
    'not-asked': t('Not asked'),
    nothing: t('Nothing'),
    cancelled: t('Cancelled'),
    failed: t('Failed'),
  };
  return words[kind];
}

export function fateWord(fate: Fate, t: Translate): string {
  const words: Record<Fate, string> = {
    shown: t('on screen'),
    'accepted in part': t('accepted in part'),
    accepted: t('accepted'),
    typed: t('typed by hand'),
    rejected: t('dismissed'),
    ignored: t('ignored'),
  };
  return words[fate] ?? fate;
}

export function sourceWord(source: AnswerTrace['source'], t: Translate): string {
  const words: Record<AnswerTrace['source'], string> = {
    network: t('asked the server'),
    cache: t('known answer'),
    inflight: t('request under way'),
    typed: t('typed along'),
    local: t('local model'),
  };
  return words[source] ?? source;
}

export function cacheWord(cache: AnswerTrace['cache'], t: Translate): string {
  const words: Record<AnswerTrace['cache'], string> = {
    miss: t('not in it'),
    memory: t('found in memory'),
    redis: t('found in Redis'),
    continuation: t('rest of an earlier answer'),
    inflight: t('joined an equal request'),
  };
  return words[cache] ?? cache;
}

export function snippetSourceWord(source: SnippetSource, t: Translate): string {
  const words: Record<SnippetSource, string> = {
    open_file: t('open file'),
    recent_edit: t('recent edit'),
    recent_view: t('viewed lately'),
    definition: t('definition'),
    retrieved: t('search result'),
  };
  return words[source] ?? source;
}

/** The parts that a pause before asking is made of. Those of the client that are not listed here are shown as they are. */
export function paceWords(t: Translate): Readonly<Record<string, string>> {
  return {
    manual: t('asked by hand'),
    setting: t('as set'),
    'pace-calm': t('calm pace'),
    'pace-balanced': t('balanced pace'),
    'pace-eager': t('eager pace'),
    'line-start': t('at the start of a line'),
    boundary: t('after the end of a word'),
    'in-word': t('within a word'),
    deletion: t('after a deletion'),
    latency: t('less, as answers take a while'),
    rejections: t('longer, after dismissed suggestions'),
  };
}

/** The filters of the client, by the names that it gives them. */
export function filterWords(t: Translate): Readonly<Record<string, string>> {
  return {
    'model tokens': t('model tokens'),
    redactions: t('placeholders of secrets'),
    'white space': t('white space'),
    repetition: t('repetition'),
    brackets: t('brackets'),
    'string or comment': t('string or comment'),
    'rest of the line': t('rest of the line'),
    'code fences': t('code fences'),
    indentation: t('indentation'),
    'one line': t('one line'),
    'following lines': t('following lines'),
    'block end': t('block end'),
    'blank lines': t('blank lines'),
  };
}
